"""Steps as requests of a Postman collection (format v2.1)."""

import json
import re
from http import HTTPStatus
from typing import Any

from accounts.postman import scripts
from accounts.postman.operations import Answer, Operation
from accounts.postman.step import Step
from accounts.postman.variables import KEPT

Item = dict[str, Any]
NUMBERS = "|".join(variable.name for variable in KEPT if variable.type == "number")
QUOTED_NUMBER = re.compile(rf'"({{{{(?:{NUMBERS})}}}})"')


def item_of(step: Step, operation: Operation) -> Item:
    """The request with its scripts."""
    answer = operation.answer(step.status)
    events = {"prerequest": scripts.before(step), "test": scripts.after(step, answer)}
    request = _request(step, operation)
    return {
        "name": step.name or operation.summary,
        "event": [
            {"listen": name, "script": {"type": "text/javascript", "exec": lines}}
            for name, lines in events.items()
            if lines
        ],
        "request": request,
        "response": [] if answer.example is None else [_example(step.status, answer, request)],
    }


def _example(status: int, answer: Answer, request: Item) -> Item:
    """The answer that the OpenAPI document shows."""
    is_text = isinstance(answer.example, str)
    return {
        "name": f"Example of {status}",
        "originalRequest": request,
        "code": status,
        "status": HTTPStatus(status).phrase,
        "header": [{"key": "Content-Type", "value": answer.media_type}],
        "body": answer.example if is_text else json.dumps(answer.example, indent=2, ensure_ascii=False),
        "_postman_previewlanguage": "text" if is_text else "json",
    }


def _request(step: Step, operation: Operation) -> Item:
    body = _content(step, operation)
    body_type = operation.body_type if body is not None else ""
    request: Item = {
        "method": operation.method,
        "header": _headers(body_type),
        "url": _url(step, operation),
        "description": operation.description,
    }
    if step.by != "learner":  # the collection sends the learner's token
        request["auth"] = auth_of(step.by)
    if body_type:
        request["body"] = _body(body, body_type)
    return request


def _content(step: Step, operation: Operation) -> Any:
    """The body; that of the executed example gets a new ``client_id``, if it has one. None without a body."""
    if step.body is not None or operation.example is None:
        return step.body
    new_id = {"client_id": "{{$guid}}"} if "client_id" in operation.example else {}
    return {**operation.example, **new_id, **step.changes}


def _headers(body_type: str) -> list[Item]:
    """The type of the body. Postman adds that of a form, with its boundary."""
    is_plain = body_type not in ("", "multipart/form-data")
    return [{"key": "Content-Type", "value": body_type}] if is_plain else []


def auth_of(person: str) -> Item:
    """The token of a person, or none."""
    if not person:
        return {"type": "noauth"}
    token = {"key": "token", "value": f"{{{{{person}_token}}}}", "type": "string"}
    return {"type": "bearer", "bearer": [token]}


def _url(step: Step, operation: Operation) -> Item:
    """The URL. Query parameters that the step does not send are there, but disabled."""
    path = re.sub(r"{(\w+)}", r":\1", operation.path).removeprefix("/")
    query = [
        {
            "key": name,
            "value": step.query.get(name, ""),
            "description": description,
            **({} if name in step.query else {"disabled": True}),
        }
        for name, description in operation.parameters("query").items()
    ]
    sent = "&".join(f"{name}={value}" for name, value in step.query.items())
    variables = [
        {"key": name, "value": step.path[name], "description": description}
        for name, description in operation.parameters("path").items()
    ]
    return {
        "raw": f"{{{{base_url}}}}/{path}" + (f"?{sent}" if sent else ""),
        "host": ["{{base_url}}"],
        "path": path.split("/"),
        **({"query": query} if query else {}),
        **({"variable": variables} if variables else {}),
    }


def _body(body: Any, media_type: str) -> Item:
    if media_type == "multipart/form-data":
        fields = [{"key": name, "type": "file", "src": file} for name, file in body.items()]
        return {"mode": "formdata", "formdata": fields}
    if media_type != "application/json":
        return {"mode": "raw", "raw": body}
    text = QUOTED_NUMBER.sub(r"\1", json.dumps(body, indent=2, ensure_ascii=False))
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}
