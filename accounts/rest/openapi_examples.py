"""The examples of the OpenAPI document: requests that tests have sent, and the answers to them.

``examples/<operation id>.json`` has the body, the status and the answer. tests/test_openapi_examples.py
writes and checks them.
"""

import json
from pathlib import Path
from typing import Any

from accounts.rest.openapi_errors import unshared

FOLDER = Path(__file__).parent / "examples"


def add_examples(operation: dict[str, Any]) -> None:
    """Adds the example of the operation, if it has one: to its body, and to the response with its status.

    The answer to a repetition, a 200 beside a 201, is the same.
    """
    file = FOLDER / f"{operation['operationId']}.json"
    if not file.exists():
        return
    example = json.loads(file.read_text(encoding="utf-8"))
    responses, status = operation["responses"], str(example["status"])
    if "request" in example:
        _set(operation["requestBody"], example["request"])
    if "answer" in example:
        responses[status] = unshared(responses[status])
        _set(responses[status], example["answer"])
        if status == "201" and "200" in responses:  # a repetition
            _set(responses["200"], example["answer"])


def _set(part: dict[str, Any], value: Any) -> None:
    """Sets the example of the first media type of a body."""
    next(iter(part["content"].values()))["example"] = value
