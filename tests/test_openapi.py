"""The OpenAPI document: docs/openapi.yaml."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.core.management import call_command

from tests.fixtures.people import client_of
from tests.fixtures.programs import ROOT

FILE = ROOT / "docs" / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.load(FILE.read_bytes(), yaml.CSafeLoader)


def operations() -> Iterator[dict[str, Any]]:
    for path in DOCUMENT["paths"].values():
        yield from path.values()


def test_committed_document_is_the_one_that_the_code_writes(tmp_path: Path) -> None:
    new = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(new), validate=True, fail_on_warn=True)
    assert FILE.read_text(encoding="utf-8") == new.read_text(encoding="utf-8"), (
        "Write it anew, as CONTRIBUTING.md says."
    )


def test_every_operation_has_a_short_summary_and_a_description() -> None:
    for operation in operations():
        name = operation["operationId"]
        assert 3 < len(operation["summary"]) <= 60, name
        assert operation["description"].endswith((".", "|")), name


def test_summaries_and_ids_are_unique() -> None:
    for key in ("operationId", "summary"):
        words = [operation[key] for operation in operations()]
        assert sorted(words) == sorted(set(words)), key


def test_every_tag_is_described_and_used_in_one_order() -> None:
    names = [tag["name"] for tag in DOCUMENT["tags"]]
    assert {name for operation in operations() for name in operation["tags"]} == set(names)
    assert all(len(tag["description"]) > 60 for tag in DOCUMENT["tags"])
    assert (names[0], names[-1]) == ("Registration and login", "Service")


def test_every_parameter_is_described() -> None:
    for operation in operations():
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (operation["operationId"], parameter["name"])


def test_served_document_begins_with_the_server_that_serves_it() -> None:
    served = yaml.load(client_of().get("/schema/").content, yaml.CSafeLoader)
    assert [server["url"] for server in served["servers"]] == [
        "/",
        "http://127.0.0.1:8000",
        "https://{host}",
    ]
