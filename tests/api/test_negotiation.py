"""The renderer of a response is the one that REST framework would choose."""

from typing import Any

import pytest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.rest.negotiation import PlainBodyNegotiation
from accounts.rest.renderers import FastJSONRenderer

JSON, HTML = FastJSONRenderer(), BrowsableAPIRenderer()
ACCEPTED = [
    *("*/*", "application/json", "application/*", "application/json, text/plain, */*", "text/html"),
    *("text/html, */*;q=0.8", "application/json; indent=4", "image/png", "APPLICATION/JSON", "", None),
]


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("renderers", [[JSON], [JSON, HTML], [HTML, JSON]], ids=["one", "two", "html first"])
@pytest.mark.parametrize("suffix", [None, "json", "api", "xml"])
def test_the_renderer_is_that_of_rest_framework(
    accept: str | None, renderers: list[BaseRenderer], suffix: str | None
) -> None:
    headers: Any = {} if accept is None else {"HTTP_ACCEPT": accept}
    request = Request(APIRequestFactory().get("/", **headers))
    ours, theirs = (
        chosen(each, request, renderers, suffix)
        for each in (PlainBodyNegotiation(), DefaultContentNegotiation())
    )
    assert ours == theirs


def chosen(
    negotiation: BaseContentNegotiation, request: Request, renderers: list[BaseRenderer], suffix: str | None
) -> Any:
    """The renderer and the media type, or the name of the exception."""
    try:
        return negotiation.select_renderer(request, renderers, suffix)
    except Exception as error:
        return type(error).__name__


def test_no_renderer_is_an_error() -> None:
    request = Request(APIRequestFactory().get("/", HTTP_ACCEPT="image/png"))
    with pytest.raises(NotAcceptable):
        PlainBodyNegotiation().select_renderer(request, [JSON])
