"""The OpenAPI document: docs/openapi.yaml."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from accounts.rest.error_codes import CODES
from linguaflex.views import SchemaView
from tests.fixtures.declared import undeclared
from tests.fixtures.openapi_document import document
from tests.fixtures.people import client_of
from tests.fixtures.programs import ROOT

FILE = ROOT / "docs" / "openapi.yaml"
DOCUMENT: dict[str, Any] = document()


def operations() -> Iterator[dict[str, Any]]:
    for path in DOCUMENT["paths"].values():
        yield from path.values()


@pytest.mark.slow
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
    for tag in DOCUMENT["tags"]:
        [guide] = re.findall(r"Guide: `(.+)`\.$", tag["description"])
        assert (ROOT / guide).is_file(), tag["name"]
    assert (names[0], names[-1]) == ("Registration and login", "Service")


def test_a_repetition_has_the_example_of_the_first_answer() -> None:
    answers = [operation["responses"] for operation in operations()]
    repeated = [answer for answer in answers if {"200", "201"} <= answer.keys()]
    assert len(repeated) >= 10
    for answer in repeated:
        first, again = (answer[status]["content"]["application/json"] for status in ("201", "200"))
        assert first == again


def test_every_parameter_is_described() -> None:
    for operation in operations():
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (operation["operationId"], parameter["name"])


@pytest.mark.slow
def test_served_document_is_the_committed_one_with_its_own_server_first() -> None:
    served = yaml.load(client_of().get("/schema/").content, yaml.CSafeLoader)
    assert served.pop("servers") == [
        {"url": "/", "description": "This server"},
        *DOCUMENT["servers"],
    ]
    assert served == {name: value for name, value in DOCUMENT.items() if name != "servers"}


@pytest.mark.slow
def test_the_served_document_is_written_once_for_each_media_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SchemaView, "written", {})
    kinds = ["application/vnd.oai.openapi", "application/vnd.oai.openapi+json", "application/json"]
    first = [client_of().get("/schema/", HTTP_ACCEPT=kind) for kind in kinds]
    assert [answer["Content-Type"].partition(";")[0] for answer in first] == kinds
    assert first[1].json() == first[2].json() == yaml.load(first[0].content, yaml.CSafeLoader)
    monkeypatch.setattr(SchemaView, "generator_class", None)
    for kind, before in zip(kinds, first, strict=True):
        assert client_of().get("/schema/", HTTP_ACCEPT=kind).content == before.content


@pytest.mark.slow
@pytest.mark.parametrize("parameters", [{"version": "2\nx"}, {"lang": "de"}, {"format": "json"}])
def test_the_served_document_has_no_parameters(parameters: dict[str, str]) -> None:
    answer = client_of().get("/schema/", parameters)
    assert (answer.status_code, answer.content) == (200, client_of().get("/schema/").content)


def test_no_id_is_filled_in_so_that_a_trial_finds_no_row() -> None:
    for operation in operations():
        for parameter in operation.get("parameters", []):
            filled = {"example", "examples", "default"} & {*parameter, *parameter["schema"]}
            assert parameter["in"] != "path" or not filled, operation["operationId"]


def codes_of(operation_id: str, status: str) -> list[str]:
    [operation] = [each for each in operations() if each["operationId"] == operation_id]
    response = operation["responses"][status]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    codes: list[str] = response["content"]["application/json"]["schema"]["allOf"][1]["properties"]["code"][
        "enum"
    ]
    return codes


@pytest.mark.parametrize(
    "operation_id", ["cards_create", "chats_send", "gigs_create", "voice_conversations_create"]
)
def test_operations_with_a_client_id_declare_that_it_may_be_reused(operation_id: str) -> None:
    assert "client_id_reused" in codes_of(operation_id, "409")


def test_guarded_operations_declare_the_three_codes_of_401() -> None:
    guarded = [each["operationId"] for each in operations() if each["security"]]
    assert len(guarded) > 60
    for name in guarded:
        assert codes_of(name, "401") == ["not_authenticated", "invalid_token", "token_expired"], name


def test_every_code_of_the_table_is_declared_by_an_operation() -> None:
    text = FILE.read_text(encoding="utf-8")
    internal = {"error", "ai_refused", "ai_answer_unusable", "report_handled", "unavailable", "conflict"}
    internal |= {"permission_denied", "too_many_requests"}
    assert {code for code in CODES if f"- {code}\n" not in text} <= internal


def test_every_operation_has_an_example_of_its_body_and_of_its_answer() -> None:
    for operation in operations():
        body = operation.get("requestBody", {}).get("content", {})
        answers = [
            part
            for status, response in operation["responses"].items()
            for part in response.get("content", {}).values()
            if status < "300"
        ]
        for parts in (body.values(), answers):
            found = not parts or any("example" in part for part in parts)
            assert found or "multipart/form-data" in body, operation["operationId"]


@pytest.mark.parametrize(
    ("path", "status", "code", "is_declared"),
    [
        ("/accounts/gigs/", 409, "client_id_reused", True),
        ("/accounts/gigs/", 409, "message_deleted", False),
        ("/accounts/gigs/", 405, "method_not_allowed", True),
        ("/accounts/gigs/", 402, "invalid", False),
        ("/accounts/gigs/", 201, "", True),
        ("/accounts/gigs/", 202, "", False),
        ("/accounts/login/", 400, "any_code_of_supabase", True),
        ("/accounts/no-such-path/", 404, "not_found", True),
    ],
)
def test_client_of_the_tests_finds_undeclared_answers(
    path: str, status: int, code: str, is_declared: bool
) -> None:
    assert (undeclared("POST", path, status, code) == "") is is_declared
