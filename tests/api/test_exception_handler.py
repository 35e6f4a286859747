"""Domain errors become responses in the common error shape."""

from collections.abc import Iterator

import pytest

from accounts.errors import LinguaFlexError
from accounts.rest.exception_handler import exception_handler

CODES = {400, 401, 403, 404, 409, 413, 429, 503}


def subclasses(kind: type[LinguaFlexError]) -> Iterator[type[LinguaFlexError]]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


@pytest.mark.parametrize("kind", list(subclasses(LinguaFlexError)), ids=lambda kind: kind.__name__)
def test_every_domain_error_has_a_status(kind: type[LinguaFlexError]) -> None:
    response = exception_handler(kind(), {})
    assert response.status_code in CODES
    assert response.data["detail"] == kind.detail and response.data["code"] == kind.code
