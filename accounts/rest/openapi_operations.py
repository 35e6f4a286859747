"""How the OpenAPI document describes an operation: its id, tag, summary and description."""

import re
from typing import Any

from accounts.rest.marketplace import OPEN_ACTIONS, MarketplaceViewSet
from accounts.rest.openapi_errors import add_error_responses
from accounts.rest.openapi_examples import add_examples
from accounts.rest.openapi_tags import tag_of
from accounts.rest.openapi_types import TypedSchema

WORDS = {"retrieve": "get", "partial_update": "update", "update": "replace", "destroy": "delete"}
PATH_PARAMETERS = {
    "chat": "The id of the chat.",
    "comment": "The id of the comment.",
    "language_name": "A name in any language, or a tag: `Spanish`, `español`, `es`.",
    "learner": "The id of the learner, a user.",
    "seq": "The number of the message in its chat.",
    "teacher": "The id of the teacher, a user.",
    "type_name": "A type of conversations.",
}
MEANINGS = {
    "200": "The answer.",
    "201": "Created.",
    "202": "Accepted: done later.",
    "204": "Done. The answer has no body.",
}
EXISTS = "It exists already. The answer has it as it is now."
UNNAMED = {"registration", "session"}  # viewsets whose actions need no prefix: login, logout


class OperationSchema(TypedSchema):
    """Reads the words of an operation from the docstring of its action.

    The first sentence is the summary, the rest the description.
    """

    view: Any

    def get_operation_id(self) -> str:
        """``gigs_list``, ``gigs_activate``, ``login``: the resource and the action."""
        name: str = WORDS.get(self.view.action, self.view.action)
        if self.view.basename in UNNAMED:
            return name
        resource: str = self.view.basename.replace("-", "_")
        return f"{resource}s_{name}"

    def get_tags(self) -> list[str]:
        """The tag of the path."""
        return [tag_of(self.path).name]

    def get_auth(self) -> list[dict[str, Any]]:
        """The guard; for the reads that PUBLIC_MARKETPLACE opens, also nothing."""
        auth: list[dict[str, Any]] = super().get_auth()
        return [*auth, {}] if self._opens() else auth

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation, with its summary apart from its description."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation:
            summary, operation["description"] = _words(operation["description"])
            operation.setdefault("security", [])
            if self._opens():
                operation["description"] = f"{operation['description']}\n\n{self._open_note()}".strip()
            self._describe(operation.get("parameters", []))
            self._describe_answers(operation["responses"])
            add_error_responses(operation, self.view)
            add_examples(operation)
            operation = {"operationId": operation["operationId"], "summary": summary} | operation
        return operation

    def _opens(self) -> bool:
        """Whether PUBLIC_MARKETPLACE opens the operation. The document does not depend on the setting."""
        return isinstance(self.view, MarketplaceViewSet) and self.view.action in OPEN_ACTIONS

    def _open_note(self) -> str:
        names = ", ".join(f"`{name}`" for name in self.view.open_serializer.Meta.fields)
        orders = ", ".join(f"`ordering={order}`" for order in self.view.closed_orders)
        closed = f"`search`, {orders} need a token." if orders else "`search` needs a token."
        closed = f" {closed}" if self.view.action == "list" else ""
        return f"Needs no token on a server with `PUBLIC_MARKETPLACE`; then there are only {names}.{closed}"

    def _describe_answers(self, responses: dict[str, Any]) -> None:
        """Describes the responses of success. One of 200 beside 201 is that of a repetition."""
        meanings = {**MEANINGS, "200": EXISTS} if "201" in responses else MEANINGS
        for status, response in responses.items():
            response["description"] = response["description"] or meanings[status]

    def _describe(self, parameters: list[dict[str, Any]]) -> None:
        """Describes the parameters of the path."""
        for parameter in parameters:
            if parameter["in"] == "path":
                resource = self.view.basename.split("-")[-1]
                default = f"The id of the {resource}."
                parameter.setdefault("description", PATH_PARAMETERS.get(parameter["name"], default))


def _words(docstring: str) -> tuple[str, str]:
    """The first sentence without its period, and the rest as Markdown with one line a paragraph."""
    found = re.fullmatch(r"(.+?)(?:\.\s+|\.?$)(.*)", docstring.strip(), re.DOTALL)
    summary, rest = found.groups() if found else ("", "")
    paragraphs = [" ".join(paragraph.split()) for paragraph in rest.split("\n\n")]
    return " ".join(summary.split()), "\n\n".join(paragraphs).replace("``", "`")
