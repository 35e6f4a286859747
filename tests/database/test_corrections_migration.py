"""Migration 0036: feedback that is stored already becomes corrections and cards, once."""

import json
from typing import Any

import pytest

from accounts.values import flashcards
from tests.fixtures.cases import rows_of
from tests.fixtures.migrations import migrate, production, rows

ADD_USERS = """
insert into accounts_user (id, name, email, role, password, is_superuser, is_active, is_staff, updated_at,
  created_at, profile_picture, phone_number, bio, city, country, native_language, native_language_code,
  learning_languages, learning_language_codes, search_text, timezone, emptied_fields)
select lpad(n::text, 32, '0')::uuid, 'P' || n, '', 'student', '!', false, true, false, now(), now(), '', '',
  '', '', '', '', '', '{}', '{}', '', 'UTC', '{}' from generate_series(1, 3) n
returning 1"""
ADD_CONVERSATIONS = """
insert into accounts_voiceconversation (user_id, topic, transcription, native_language,
  native_language_code, target_language, target_language_code, conversation_type, ai_feedback,
  generated_feedback, feedback_status, feedback_error, creation_digest, search_text, created_at, updated_at)
select lpad(row ->> 0, 32, '0')::uuid, 't', row -> 1, '', '', '', 'es', 'practice', '{}',
  nullif(row -> 2, 'null'), 'done', '', '', '', now(), '2020-01-01'
from jsonb_array_elements($rows$%s$rows$) row
returning 1"""
CORRECTIONS = """
select right(learner_id::text, 1), source, author_id, language_code, quote, corrected, explanation, turn
from accounts_correction where right(learner_id::text, 1) = '%s' order by id"""
CARDS = """
select front, back, note, dedupe_key, search_text, language_code, state, created_at = due_at,
  (select count(*) from accounts_cardsource s where s.card_id = c.id)
from accounts_card c where right(learner_id::text, 1) = '%s' order by id"""
EVERYTHING = """
select (select jsonb_agg(to_jsonb(c) order by id) from accounts_correction c)::text,
  (select jsonb_agg(to_jsonb(c) order by id) from accounts_card c)::text,
  (select jsonb_agg(to_jsonb(c) order by id) from accounts_cardsource c)::text,
  (select jsonb_agg(to_jsonb(c) order by id) from accounts_voiceconversation c)::text"""
MANY = 1_101  # conversations: three batches of the migration
SAME = [("Yo soy bien", "Estoy bien"), ("Me llama Ana", "Me llamo Ana")]
# The rows of CORRECTIONS of one conversation with the feedback SAME.
CORRECTED = [("1", "ai", None, "es", *pair, "why", turn) for turn, pair in enumerate(SAME, 1)]

pytestmark = [pytest.mark.slow]


def feedback(*pairs: tuple[str, str]) -> dict[str, Any]:
    """Generated feedback with corrections of these quotes and right forms."""
    found = [{"quote": quote, "corrected": right, "explanation": "why"} for quote, right in pairs]
    return {"corrections": found, "cefr_estimate": "A2"}


def spoken(*texts: str) -> dict[str, Any]:
    """A transcription: a turn of the tutor, and these of the learner."""
    turns = [{"role": "user", "text": text} for text in texts]
    return {"messages": [{"role": "assistant", "text": f"Hola. {texts[0]}"}, *turns]}


def add(*conversations: tuple[int, Any, Any]) -> None:
    """Stores conversations: the user's number, the transcription, the generated feedback."""
    assert len(rows(ADD_CONVERSATIONS % json.dumps(conversations))) == len(conversations)


def test_feedback_becomes_corrections_and_cards_once(plain: str) -> None:
    migrate(production(plain), ["accounts", "0033"])
    assert rows(ADD_USERS)
    add(*[(1, spoken("Yo soy bien", "Me llama Ana"), feedback(*SAME))] * MANY)
    cases = [(said, stored) for said, _, stored in rows_of("quotes.tsv") if stored != "-"]
    add(*[(2, spoken("x", said), feedback((quote, f"right {n}"))) for n, (said, quote) in enumerate(cases)])
    add((3, "Yo soy bien", None), (3, "Yo soy bien", feedback()), (3, "Hola", feedback(("Adios", "Adiós"))))
    add((3, "User: Yo soy bien", feedback(("Yo soy bien", "!"), ("a", " "))))

    migrate(production(plain), ["accounts", "0036"])
    check_equal_feedback()
    assert [(row[4], row[7]) for row in rows(CORRECTIONS % 2)] == [(stored, 2) for _, stored in cases]
    assert len(rows(CARDS % 2)) == len(cases)
    check_unusual_feedback()
    check_repetition(plain)
    check_interruption(plain)

    migrate(production(plain), ["accounts", "0033"])
    assert rows("select to_regclass('accounts_correction'), to_regclass('accounts_card')") == [(None, None)]
    migrate(production(plain), ["accounts", "0036"])
    assert len(rows(CORRECTIONS % 1)) == 2 * MANY


def check_equal_feedback() -> None:
    """Equal corrections of many conversations have two cards."""
    assert rows(CORRECTIONS % 1) == CORRECTED * MANY
    shown = [
        ("**Yo soy** bien", "Estoy bien", "why", "yo soy bien\nestoy bien\nwhy"),
        ("Me **llama** Ana", "Me llamo Ana", "why", "me llama ana\nme llamo ana\nwhy"),
    ]
    cards = {(front, back, note): rest for front, back, note, *rest in rows(CARDS % 1)}
    assert set(cards) == {card[:3] for card in shown}
    for front, back, note, text in shown:
        key, search_text, *rest = cards[front, back, note]
        assert (key, rest) == (flashcards.dedupe_key(back), ["es", "new", True, MANY])
        assert sorted(search_text.replace("**", "").split()) == sorted(text.split())


def check_unusual_feedback() -> None:
    """A quote that was not said has no turn, and a blank right form no card."""
    assert [row[4:] for row in rows(CORRECTIONS % 3)] == [
        ("Adios", "Adiós", "why", None),
        ("Yo soy bien", "!", "why", 0),
        ("a", " ", "why", None),
    ]
    assert {row[1] for row in rows(CARDS % 3)} == {"Adiós", "!"}


def check_repetition(plain: str) -> None:
    """A repeated run changes nothing."""
    before = rows(EVERYTHING)
    migrate(production(plain), ["accounts", "0035"], ["accounts", "0036"])
    assert rows(EVERYTHING) == before
    assert rows("select max(updated_at)::date::text from accounts_voiceconversation") == [("2020-01-01",)]


def check_interruption(plain: str) -> None:
    """A run after an interrupted one makes the corrections that are missing. A card keeps its state."""
    assert rows("delete from accounts_cardsource where correction_id > 1000 returning 1")
    assert rows("delete from accounts_correction where id > 1000 returning 1")
    assert rows("update accounts_card set due_at = '2020-01-01' where id = 1 returning 1")
    migrate(production(plain), ["accounts", "0035"], ["accounts", "0036"])
    assert rows(CORRECTIONS % 1) == CORRECTED * MANY
    assert [row[8] for row in rows(CARDS % 1)] == [MANY, MANY]
    assert rows("select due_at::date::text from accounts_card where id = 1") == [("2020-01-01",)]
