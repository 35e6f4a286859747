"""The collection and the environments, made of the OpenAPI document and of the scenario."""

import uuid
from pathlib import Path
from typing import Any

from accounts.postman import scenario
from accounts.postman.operations import operations_of
from accounts.postman.requests import auth_of, item_of
from accounts.postman.variables import HOSTED, KEPT, SETTINGS, Variable

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
DESCRIPTION = (Path(__file__).parent / "description.md").read_text(encoding="utf-8")
CLEAN_UP = ("Clean-up", "Deletes what the requests above have created, and at last the accounts.")


def collection_of(document: dict[str, Any]) -> dict[str, Any]:
    """The collection: a folder for each tag, in the order of the tags, and one that cleans up."""
    operations = operations_of(document)
    folders: dict[str, list[Any]] = {tag["name"]: [] for tag in document["tags"]}
    for step in scenario.STEPS:
        operation = operations[step.operation]
        folders[step.folder or operation.tag].append(item_of(step, operation))
    described = {tag["name"]: tag["description"] for tag in document["tags"]} | dict([CLEAN_UP])
    folders[CLEAN_UP[0]] = [item_of(step, operations[step.operation]) for step in scenario.CLEAN_UP]
    name = document["info"]["title"]
    return {
        "info": {"_postman_id": _id(name), "name": name, "description": DESCRIPTION, "schema": SCHEMA},
        "item": [
            {"name": folder, "description": described[folder], "item": items}
            for folder, items in folders.items()
        ],
        "auth": auth_of("learner"),
        "variable": [_variable(each) for each in (*SETTINGS, *KEPT)],
    }


def environments(title: str) -> dict[str, dict[str, Any]]:
    """The environments by the names of their files."""
    return {
        "local": _environment(f"{title} local", {}),
        "hosted": _environment(f"{title} hosted", HOSTED),
    }


def _environment(name: str, values: dict[str, str]) -> dict[str, Any]:
    """An environment with these values instead of the usual ones."""
    return {
        "id": _id(name),
        "name": name,
        "values": [
            {
                "key": each.name,
                "value": values.get(each.name, each.value),
                "type": "secret" if each.type == "secret" else "default",
                "description": each.description,
                "enabled": True,
            }
            for each in SETTINGS
        ],
        "_postman_variable_scope": "environment",
    }


def _variable(variable: Variable) -> dict[str, Any]:
    return {
        "key": variable.name,
        "value": variable.value,
        "type": variable.type,
        "description": variable.description,
    }


def _id(name: str) -> str:
    """The id by which Postman recognises a second import."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
