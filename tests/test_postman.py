"""The Postman collection: docs/postman."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command

from accounts.postman import scenario
from tests.fixtures.openapi_document import document
from tests.fixtures.programs import ROOT

FOLDER = ROOT / "docs" / "postman"
COLLECTION: dict[str, Any] = json.loads((FOLDER / "LinguaFlex.postman_collection.json").read_bytes())
ENVIRONMENTS = [
    json.loads((FOLDER / f"{name}.postman_environment.json").read_bytes()) for name in ("local", "hosted")
]
DOCUMENT: dict[str, Any] = document()


def items() -> Iterator[dict[str, Any]]:
    for folder in COLLECTION["item"]:
        yield from folder["item"]


def lines_of(item: dict[str, Any], listen: str) -> str:
    return "\n".join("\n".join(each["script"]["exec"]) for each in item["event"] if each["listen"] == listen)


def test_committed_files_are_those_that_the_command_writes(tmp_path: Path) -> None:
    call_command("export_postman", folder=tmp_path, verbosity=0)
    written = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    committed = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.json")}
    assert written.keys() == committed.keys()
    for name, text in written.items():
        assert committed[name] == text, f"Write {name} anew, as CONTRIBUTING.md says."


def test_folders_have_the_names_and_the_order_of_the_tags() -> None:
    names = [folder["name"] for folder in COLLECTION["item"]]
    assert names == [*(tag["name"] for tag in DOCUMENT["tags"]), "Clean-up"]
    assert all(folder["description"] and folder["item"] for folder in COLLECTION["item"])


def test_every_operation_is_requested() -> None:
    operations = {each["operationId"] for path in DOCUMENT["paths"].values() for each in path.values()}
    assert operations == {step.operation for step in (*scenario.STEPS, *scenario.CLEAN_UP)}


def test_every_request_tests_its_status_and_a_fact() -> None:
    assert len(list(items())) >= 70
    for item in items():
        tests = lines_of(item, "test")
        assert re.search(r'pm\.test\("Status \d{3}', tests), item["name"]
        has_json = "pm.response.json()" in tests.partition("pm.test(")[0]
        assert not has_json or "pm.response.to.have.jsonSchema(schema)" in tests, item["name"]
        assert re.search(r'pm\.test\("(?!Status|Content type|The schema|Skipped)', tests), item["name"]


def test_names_of_requests_are_unique() -> None:
    names = [item["name"] for item in items()]
    assert sorted(names) == sorted(set(names))


def test_every_variable_is_described_and_used() -> None:
    described = {
        each["key"] for each in COLLECTION["variable"] if each["type"] and len(each["description"]) > 10
    }
    text = (
        json.dumps(COLLECTION["item"]) + json.dumps(COLLECTION["variable"]) + json.dumps(COLLECTION["auth"])
    )
    used = set(re.findall(r"{{(\w+)}}", text)) | set(re.findall(r'pm\.variables\.get\(\\?["\'](\w+)', text))
    assert used == described


def test_environments_have_the_settings_of_the_collection() -> None:
    names = [[each["key"] for each in environment["values"]] for environment in ENVIRONMENTS]
    variables = [each["key"] for each in COLLECTION["variable"]]
    assert names[0] == names[1] == variables[: len(names[0])]
    assert [each["values"][0]["value"] for each in ENVIRONMENTS] == [
        "http://127.0.0.1:8000",
        "https://api.example.com",
    ]


def test_a_fixed_client_id_of_the_examples_is_not_sent() -> None:
    for item in items():
        body = item["request"].get("body", {}).get("raw", "")
        assert not re.search(r'"client_id": "[0-9a-f]{8}-', body), item["name"]
