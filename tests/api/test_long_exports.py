"""A process writes one long export at a time, so that its other threads stay free."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory

from accounts.rest import pages
from tests.fixtures.people import CARDS, Person

OF_CARDS, OF_EVERYTHING = f"{CARDS}export/", "/accounts/users/me/export/"
EXPORTS = [OF_CARDS, OF_EVERYTHING]


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export of more than 10 bytes is long, and streamed."""
    assert pages.MAX_WAIT == 2.0
    monkeypatch.setattr(pages, "MAX_WAIT", 0.05)
    monkeypatch.setattr(pages, "MAX_SHORT", 10)
    monkeypatch.setattr(pages, "MAX_BYTES", 20)


def is_busy(person: Person, path: str) -> bool:
    """Whether an export is refused because of another one."""
    answer: Any = person.client.get(path)
    if answer.status_code == 200:
        assert b"".join(answer)
        return False
    assert (answer.status_code, answer.json()["code"]) == (503, "export_busy")
    assert int(answer["Retry-After"]) >= 1
    return True


@pytest.mark.parametrize("path", EXPORTS)
def test_a_long_export_is_a_503_while_another_is_written(
    student: Person, stranger: Person, short_limits: None, path: str
) -> None:
    for other in EXPORTS:
        written: Any = stranger.client.get(other)
        assert written.streaming
        assert is_busy(student, path)
        assert b"".join(written.streaming_content)
        assert not is_busy(student, path)


@pytest.mark.parametrize("path", EXPORTS)
def test_the_head_of_an_export_writes_nothing_and_lets_the_next_begin(
    student: Person, short_limits: None, path: str
) -> None:
    head: Any = student.client.head(path)
    assert (head.status_code, list(head.streaming_content)) == (200, [])
    assert not is_busy(student, path)


@pytest.mark.parametrize("path", EXPORTS)
def test_a_short_export_waits_for_no_other(student: Person, path: str) -> None:
    student.make_card()
    assert pages.LONG_DOCUMENTS.acquire(blocking=False)
    try:
        assert not is_busy(student, path)
    finally:
        pages.LONG_DOCUMENTS.release()


def failing() -> Iterator[bytes]:
    yield b"more than 10 bytes"
    raise ValueError


def is_free() -> bool:
    """Whether no long document is being written."""
    free = pages.LONG_DOCUMENTS.acquire(blocking=False)
    if free:
        pages.LONG_DOCUMENTS.release()
    return free


def test_a_failed_export_lets_the_next_begin(short_limits: None) -> None:
    document = pages.Document(failing())
    assert not is_free()
    with pytest.raises(ValueError):
        b"".join(document)
    assert is_free()
    with pytest.raises(ValueError):
        pages.whole_or_streamed(RequestFactory().get("/"), failing())  # type: ignore[arg-type]
    assert is_free()


@pytest.mark.django_db(transaction=True)  # the end of a response closes old connections
def test_the_next_export_begins_when_a_client_has_gone(short_limits: None) -> None:
    response = pages.streamed_document(
        RequestFactory().get("/"),  # type: ignore[arg-type]
        pages.Document(failing()),
    )
    assert next(iter(response)) == b"more than 10 bytes"
    assert not is_free()
    response.close()
    assert is_free()


def test_a_document_that_nobody_closes_lets_the_next_begin(short_limits: None) -> None:
    document = pages.Document(failing())
    assert not is_free()
    del document
    assert is_free()
