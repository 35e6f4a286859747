"""A database with rows of every kind is migrated from 0007 to the newest migration and back."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from tests.fixtures.migrations import migrate, production, rows

FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
CHAT = "00000000-0000-4000-8000-00000000000c"
AT = "2026-01-02T03:04:05+00:00"
FEEDBACK = {"grammar_score": 80, "areas_for_improvement": ["articles"]}
# The rows at 0007, by table. Other columns that must not be null get the empty value of their type.
OLD: dict[str, list[dict[str, Any]]] = {
    "user": [
        {
            "id": FIRST,
            "name": "Ana",
            "role": "student",
            "learning_languages": ["Spanish"],
            "learning_language_codes": ["es"],
        },
        {"id": SECOND, "name": "Tomás", "role": "teacher", "bio": "Hola"},
    ],
    "revocation": [{"user_id": FIRST, "issued_before": AT, "expires_at": AT}],
    "teacher": [{"user_id": SECOND, "headline": "Café", "certificates": ["DELE"], "experience_years": 3}],
    "gig": [
        {
            "teacher_id": SECOND,
            "title": "Café & conversation",
            "description": "We talk.",
            "language": "español",
            "language_code": "es",
            "price_per_session": "15.00",
            "currency": "EUR",
            "session_minutes": 45,
            "status": "active",
            "tags": ["Beginner"],
        }
    ],
    "chat": [{"id": CHAT, "first_id": FIRST, "second_id": SECOND, "last_seq": 3, "second_read_seq": 1}],
    "message": [
        {"chat_id": CHAT, "seq": 1, "sender_id": FIRST, "content": "Hola"},
        {"chat_id": CHAT, "seq": 2, "sender_id": SECOND, "content": "¿Qué tal?", "edited_at": AT},
        {"chat_id": CHAT, "seq": 3, "sender_id": FIRST, "content": "", "deleted_at": AT},
    ],
    "voiceconversation": [
        {
            "user_id": FIRST,
            "topic": "Comida",
            "transcription": {"messages": [{"role": "user", "text": "Una mesa"}]},
            "native_language": "English",
            "native_language_code": "en",
            "target_language": "Spanish",
            "target_language_code": "es",
            "conversation_type": "lesson",
            "duration_minutes": 12,
            "ai_feedback": FEEDBACK,
            "feedback_status": "none",
        },
        {
            "user_id": FIRST,
            "topic": "Texto",
            "transcription": "User: hola",
            "native_language": "English",
            "native_language_code": "en",
            "target_language": "日本語",
            "target_language_code": "ja",
            "conversation_type": "practice",
            "feedback_status": "none",
        },
    ],
}
EMPTY = {"text": "", "character varying": "", "boolean": False, "jsonb": {}, "ARRAY": [], "uuid": FIRST}
EMPTY |= {"timestamp with time zone": AT}
REQUIRED = """
select column_name, data_type from information_schema.columns where table_schema = 'public'
and table_name = '{}' and is_nullable = 'NO' and column_default is null and is_identity = 'NO'"""
# Columns that the code writes anew from others, as it is at the newest migration.
DERIVED = {"search_text", "creation_digest", "tag_keys"}
NEWER_ROWS = """
import uuid
import django
django.setup()
from accounts.models import User
from tests.fixtures.private_rows import make_private_rows
teacher = User.objects.create(pk=uuid.uuid4(), name="Eva", role=User.Role.TEACHER)
make_private_rows(User.objects.order_by("pk")[0], teacher)"""
COUNTS = """
select (select count(*) from accounts_participant), (select sum(unread_count) from accounts_participant),
  (select sum(conversations) from accounts_practicekind), (select count(*) from accounts_card),
  (select max(grammar_score) from accounts_voiceconversation where topic = 'Comida')"""


def insert(table: str, values: dict[str, Any]) -> None:
    """Inserts a row. Foreign keys are checked, triggers run."""
    required = dict(rows(REQUIRED.format(f"accounts_{table}")))
    whole = {name: EMPTY.get(kind, 0) for name, kind in required.items()} | values
    names = ", ".join(whole)
    document = json.dumps(whole).replace("'", "''")
    source = f"jsonb_populate_record(null::accounts_{table}, '{document}')"
    assert rows(f"insert into accounts_{table} ({names}) select {names} from {source} returning 1")


def contents() -> dict[str, list[dict[str, Any]]]:
    """The rows of the old tables, without derived columns."""
    found = {}
    for table in OLD:
        every = [row for (row,) in rows(f"select to_jsonb(t) from accounts_{table} t")]
        found[table] = [{name: value for name, value in row.items() if name not in DERIVED} for row in every]
    return found


@pytest.mark.slow
def test_rows_of_every_kind_survive_all_migrations_and_their_reversal(plain: str) -> None:
    environment = production(plain)
    migrate(environment, ["accounts", "0007"])
    for table, every in OLD.items():
        for values in every:
            insert(table, values)
    before = contents()
    migrate(environment, [])
    assert rows(COUNTS) == [(2, 1, 2, 0, 80)]  # one unread message: another is deleted
    make_newer_rows(environment)
    [(_, _, _, cards, _)] = rows(COUNTS)
    assert cards > 0
    migrate(environment, ["accounts", "0007"])
    after = contents()
    for table, every in before.items():
        changed = [row for row in every if row not in after[table]]
        assert not changed, f"{table}: {changed}, {after[table]}"
    migrate(environment, [])


def make_newer_rows(environment: dict[str, str]) -> None:
    """Rows of the models that exist since later migrations, in another process."""
    done = subprocess.run(
        [sys.executable, "-c", NEWER_ROWS],
        env={**os.environ, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
