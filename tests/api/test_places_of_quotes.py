"""A change of a transcription removes the turns of quotes that it no longer has, in a limited time."""

from typing import Any

import pytest

from accounts.services import corrections
from accounts.values import transcripts
from tests.fixtures.shared import TRANSCRIPTION, TURNS, Shared


def turns(shared: Shared, transcription: Any = TRANSCRIPTION) -> list[int | None]:
    """The turn of each of the teacher's comments after a change of the transcription."""
    changed = shared.learner.client.patch(shared.own_path, {"transcription": transcription})
    assert changed.status_code == 200, changed.content
    return [each["turn"] for each in shared.teacher.client.get(f"{shared.path}comments/").json()]


def test_the_texts_are_read_once_for_all_quotes(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    texts_of, read = transcripts.texts_of, []

    def counted(transcription: Any) -> list[str]:
        read.append(transcription)
        return texts_of(transcription)

    for corrected in ("Yo tengo hambre", "Tengo hambre", ""):
        shared.comment(quote="Yo soy hambre", corrected=corrected)
    monkeypatch.setattr(transcripts, "texts_of", counted)
    assert turns(shared) == [2, 2, 2]
    assert len(read) == 1


def test_the_last_quotes_of_too_much_text_lose_their_turns(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    for quote in ("soy Ana", "Qué tal", "soy hambre"):
        shared.comment(quote=quote)
    assert turns(shared) == [0, 1, 2]
    monkeypatch.setattr(corrections, "MAX_SEARCHED_CHARACTERS", len(TURNS[0] + TURNS[1]))
    assert turns(shared) == [0, 1, None]
