"""The digest of the input that created a row, and of an event of a session. Rows store both."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from accounts.errors import ClientIdReused
from accounts.models import Card
from accounts.services import idempotency, voice_saving

FIELDS: dict[str, Any] = {"topic": "é", "n": None, "transcription": {"a": 1, "b": [2.5, True]}}


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    turned = dict(reversed(FIELDS.items())) | {"transcription": {"b": [2.5, True], "a": 1}}
    assert idempotency.digest_of(turned) == idempotency.digest_of(FIELDS)


@pytest.mark.parametrize("change", [{"topic": "e"}, {"n": ""}, {"transcription": {"a": 1, "b": [True, 2.5]}}])
def test_another_input_has_another_digest(change: dict[str, Any]) -> None:
    assert idempotency.digest_of({**FIELDS, **change}) != idempotency.digest_of(FIELDS)


def test_stored_digests_stay_valid() -> None:
    """A retry of a request to an earlier release is recognised only if the digest is computed as there."""
    fields = {**FIELDS, "id": UUID(int=5), "at": datetime(2026, 1, 1, tzinfo=UTC)}
    assert idempotency.digest_of(fields) == "b7fd79a99ef04e691c7f150234c9186460d2508ec6d3e001cb12282c42c37652"
    event = {"event_id": "event_1", "x": 1}
    assert (
        voice_saving.key_of(event, {"type": "a", "b": "é"})
        == "51eb476d4863a77fb0c19182a2420bb150071286621ab6e5b8b788c1884dbd83"
    )
    assert (
        voice_saving.key_of({}, {"b": "é", "type": "a"})
        == "dce954d147a537861c972c5969c656ad709cae7cd3a912726bd5568b08e2dabf"
    )


@pytest.mark.parametrize(("stored", "is_same"), [("a", True), ("", True), ("b", False)])
def test_a_repeated_id_needs_the_same_input_unless_the_row_has_no_digest(stored: str, is_same: bool) -> None:
    if is_same:
        return idempotency.check_repeated(Card(creation_digest=stored), "a")
    with pytest.raises(ClientIdReused):
        idempotency.check_repeated(Card(creation_digest=stored), "a")
