"""The operations of the OpenAPI document."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from accounts.postman.schemas import standalone


class Answer(NamedTuple):
    """An answer: its media type (empty without a body), its schema, and the body of the example."""

    media_type: str = ""
    schema: dict[str, Any] | None = None
    example: Any = None


@dataclass(frozen=True)
class Operation:
    """An operation, with its place in the document."""

    document: dict[str, Any]
    method: str
    path: str
    content: dict[str, Any]

    @property
    def summary(self) -> str:
        return str(self.content["summary"])

    @property
    def description(self) -> str:
        return str(self.content["description"])

    @property
    def tag(self) -> str:
        return str(self.content["tags"][0])

    @property
    def body_type(self) -> str:
        """The media type of the body; empty without one."""
        return next(iter(self._body), "")

    @property
    def example(self) -> Any:
        """The body of the executed example; None without one."""
        return self._body[self.body_type].get("example") if self._body else None

    @property
    def _body(self) -> dict[str, Any]:
        return dict(self.content.get("requestBody", {}).get("content", {}))

    def parameters(self, place: str) -> dict[str, str]:
        """The names and descriptions of the parameters in the path or in the query."""
        found = [each for each in self.content.get("parameters", []) if each["in"] == place]
        return {each["name"]: each["description"] for each in found}

    def answer(self, status: int) -> Answer:
        """The first kind of answer with the status. Raises KeyError if the document does not declare it."""
        response = self.content["responses"][str(status)]
        components = self.document["components"]
        if "$ref" in response:
            response = components["responses"][response["$ref"].rpartition("/")[2]]
        for media_type, content in response.get("content", {}).items():
            schema = standalone(content["schema"], components["schemas"])
            return Answer(media_type, schema, content.get("example"))
        return Answer()


def operations_of(document: dict[str, Any]) -> dict[str, Operation]:
    """The operations by their ids."""
    return {each.content["operationId"]: each for each in _operations(document)}


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, content in methods.items():
            yield Operation(document, method.upper(), path, content)
