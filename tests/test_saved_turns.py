"""The turns of a saved session, whose conversation a client may have changed."""

from typing import Any

import pytest

from accounts.values.saved_turns import turns_in

TURN: dict[str, Any] = {
    "role": "user",
    "text": "Hola",
    "item_id": "",
    "started_at_ms": None,
    "interrupted": False,
}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, {}),
        ({"item_id": "a", "started_at_ms": 0, "interrupted": True, "audio_end_ms": 9}, ...),
        ({"item_id": 5, "started_at_ms": "0", "interrupted": 1, "audio_end_ms": None}, {}),
        ({"started_at_ms": True, "audio_end_ms": 1.5, "extra": "x"}, {}),
        ({"text": ""}, {"text": ""}),
        ({"role": "narrator"}, {"role": "narrator"}),
    ],
)
def test_a_message_is_shown_in_the_shape_of_a_turn(changes: dict[str, Any], shown: Any) -> None:
    message = {"role": "user", "text": "Hola", **changes}
    assert turns_in({"messages": [message]}) == [{**TURN, **(changes if shown is ... else shown)}]


@pytest.mark.parametrize(
    "transcription",
    [
        *("Hola", None, [], {}, {"messages": None}, {"messages": {"role": "user", "text": "Hola"}}),
        {"messages": ["Hola", None, {"role": "user"}, {"text": "Hola"}, {"role": 5, "text": "Hola"}]},
        {"messages": [{"role": "user", "text": ["Hola"]}, {"role": None, "text": None}]},
    ],
)
def test_other_content_is_no_turn(transcription: Any) -> None:
    assert turns_in(transcription) == []
