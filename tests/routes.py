"""Every address of the project with its methods, read off the URL patterns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.views.open import OpenEndpoint

ID = "00000000-0000-4000-8000-000000000000"
EXAMPLES = {"seq": "1", "language": "Spanish", "type": "practice", "conversation_type": "practice"}
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    view: type[Any]
    takes_json: bool = True

    @property
    def is_open(self) -> bool:
        """Whether it has no guard."""
        return issubclass(self.view, OpenEndpoint)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def all_routes() -> list[Route]:
    """Every route of the API: the admin's and the documentation's aside."""
    return [
        Route(method, path, pattern.callback.cls, _takes_json(pattern.callback))
        for path, pattern in _patterns(get_resolver().url_patterns, "/")
        if pattern.callback.__module__.startswith("accounts.views.")
        for method in _methods(pattern.callback)
    ]


def _takes_json(view: Any) -> bool:
    """Whether a body is JSON here, as nearly everywhere."""
    given = getattr(view, "initkwargs", {}).get("parser_classes", view.cls.parser_classes)
    return any(parser.media_type == "application/json" for parser in given)


def _methods(view: Any) -> list[str]:
    actions = getattr(view, "actions", None)
    return list(actions) if actions else [name for name in METHODS if hasattr(view.cls, name)]


def _patterns(patterns: Any, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = prefix + _example(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, path)
        else:
            yield path, pattern


def _example(pattern: str) -> str:
    """A path that the pattern matches."""
    named = re.sub(r"\(\?P<(\w+)>(.*?)\)(?=/|$)", _example_value, pattern)
    return named.replace("^", "").replace("$", "").replace("\\Z", "")


def _example_value(group: re.Match[str]) -> str:
    """A value that the pattern of a named group matches."""
    name, pattern = group.groups()
    return EXAMPLES.get(name) or ("1" if re.fullmatch(pattern, "1") else ID)
