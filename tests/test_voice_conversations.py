"""The contract of the voice endpoints over HTTP, as a script and under pytest.

    python tests/test_voice_conversations.py                            starts a local server
    python tests/test_voice_conversations.py --url URL --token TOKEN    tests a running server

The account may have conversations already: the checks neither expect nor change any. The rows that a
check creates have a mark in their topic, and are deleted after the check, also if it fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
import requests

ROOT = Path(__file__).resolve().parent.parent
PATH = "/accounts/voice-conversations/"
ORIGIN = "http://localhost:5173"  # the local default allows every port of this machine
PATIENCE = 30  # seconds for one response
START = 90  # seconds for the start of a server, which creates a database
TYPES = {
    "practice": "Language Practice",
    "lesson": "Language Lesson",
    "conversation": "Free Conversation",
    "assessment": "Language Assessment",
    "pronunciation": "Pronunciation Practice",
    "vocabulary": "Vocabulary Building",
    "grammar": "Grammar Practice",
}
FEEDBACK = {
    "grammar_score": 85,
    "pronunciation_score": 78.5,
    "fluency_score": None,
    "vocabulary_usage": "Good variety",
    "confidence_level": "Growing",
    "conversation_flow": "Natural",
    "areas_for_improvement": ["word order"],
    "suggested_next_topics": ["Travel"],
    "tutor": {"voice": "alloy", "turns": [1, 2, 3]},
}
TURNS = {
    "messages": [
        {"role": "user", "text": "Kaixo! Zer moduz?", "timestamp": "10:15:03"},
        {"role": "assistant", "text": "Ondo, eskerrik asko. 你好 🙂", "confidence": 0.97},
    ],
    "started": "09:59",
    "device": {"name": None, "muted": False},
}
KEYS = {
    *("id", "user", "user_name", "user_email", "topic", "transcription", "native_language"),
    *("native_language_code", "target_language", "target_language_code", "conversation_type"),
    *("conversation_type_display", "duration_minutes"),
    *("ai_feedback", "generated_feedback", "feedback_status", "feedback_error", "client_id"),
    *("session", "reported_usage", "comments_count", "created_at", "updated_at"),
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


class Voice:
    """A client of the voice API. It deletes the rows that it has created, and no others."""

    def __init__(self, url: str, token: str, *, origin: str | None = None) -> None:
        """``origin``: an origin of web pages that the server allows; None if none is known."""
        self.base = url.rstrip("/") + PATH
        self.headers = {"Authorization": f"Bearer {token}"}
        self.origin = origin
        self.http = requests.Session()
        self.mark = uuid.uuid4().hex[:12]
        self.language = f"Contractish {self.mark}"  # no other row has it
        self.created: list[int] = []
        self.last: requests.Response | None = None

    def call(self, method: str, path: str = "", **options: Any) -> requests.Response:
        """Sends a request below the voice endpoints, with the token unless ``headers`` are given."""
        options = {"headers": self.headers, "timeout": PATIENCE} | options
        url = path if path.startswith("http") else self.base + path
        self.last = self.http.request(method, url, **options)
        if method == "POST" and self.last.status_code == 201:
            self.created.append(self.last.json()["id"])
        return self.last

    def get(self, path: str = "", **query: Any) -> Any:
        """The JSON of a GET, which must succeed."""
        answer = self.call("GET", path, params=query)
        assert answer.status_code == 200
        return answer.json()

    def body(self, **changes: Any) -> dict[str, Any]:
        """The required fields of a POST, with ``changes``."""
        return {
            "topic": f"Contract check {self.mark}",
            "transcription": "User: Kaixo!",
            "native_language": "English",
            "target_language": self.language,
        } | changes

    def save(self, **changes: Any) -> dict[str, Any]:
        """Saves a conversation, which must be accepted, and returns it."""
        answer = self.call("POST", json=self.body(**changes))
        assert answer.status_code == 201
        return dict(answer.json())

    def own_ids(self, path: str = "", **query: Any) -> list[int]:
        """The ids of the rows created here, in the order of a list."""
        return [row["id"] for row in self.get(path, **query) if row["id"] in self.created]

    def clean(self) -> list[int]:
        """Deletes the rows created here, also those without a response. Returns the ids that remain."""
        found = self.call("GET", params={"search": self.mark, "fields": "id"})
        if found.status_code == 200:
            self.created += [row["id"] for row in found.json() if row["id"] not in self.created]
        self.created = [
            key for key in self.created if self.call("DELETE", f"{key}/").status_code not in (204, 404)
        ]
        return self.created


pytestmark = pytest.mark.django_db  # creates the test database; the checks use only HTTP


@pytest.fixture(scope="module")
def server(supabase: Any, django_db_blocker: Any) -> Iterator[tuple[str, str]]:
    """The URL of pytest-django's live server and the token of a learner, shared by all checks."""
    from django.core.management import call_command  # the script runs without Django
    from django.core.servers.basehttp import WSGIRequestHandler
    from django.db import connection
    from pytest_django.live_server_helper import LiveServer

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        # The server sends head and body separately: with Nagle's algorithm each response waits 40 ms.
        patch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
        live = LiveServer("localhost")
        try:
            yield live.url, new_learner(live.url)
        finally:
            live.stop()
            call_command("flush", verbosity=0, interactive=False)
            with connection.cursor() as cursor:
                cursor.execute("truncate auth.users, standin.mails cascade")
            connection.close()


@pytest.fixture
def voice(server: tuple[str, str]) -> Iterator[Voice]:
    """A client of a learner. Its rows are deleted after the check."""
    voice = Voice(*server, origin=ORIGIN)
    yield voice
    assert voice.clean() == []
    voice.http.close()


def refusal(answer: requests.Response) -> tuple[int, str]:
    """The status and the code of an error. Asserts the shape of all errors."""
    error = answer.json()
    assert error.keys() - {"errors"} == {"detail", "code"}
    assert isinstance(error["detail"], str)
    assert error["detail"].strip()
    for path, sentences in error.get("errors", {}).items():
        assert isinstance(path, str)
        assert sentences
        assert all(isinstance(sentence, str) for sentence in sentences)
    return answer.status_code, error["code"]


# ------------------------------------------------------------------------------------ saving


def test_saves_every_field(voice: Voice) -> None:
    body = voice.body(
        transcription=TURNS,
        conversation_type="lesson",
        duration_minutes=12,
        ai_feedback=FEEDBACK,
        client_id=str(uuid.uuid4()),
    )
    made = voice.save(**body)
    assert made.keys() == KEYS
    assert {key: made[key] for key in body} == body
    assert isinstance(made["id"], int)
    assert uuid.UUID(made["user"])
    assert "@" in made["user_email"]
    assert isinstance(made["user_name"], str)
    assert made["generated_feedback"] is None
    assert made["feedback_status"] == "none"
    assert made["feedback_error"] == ""
    assert INSTANT.fullmatch(made["created_at"])
    assert INSTANT.fullmatch(made["updated_at"])
    assert voice.get(f"{made['id']}/") == made


def test_saves_each_of_the_seven_types(voice: Voice) -> None:
    made = [voice.save(conversation_type=value) for value in TYPES]
    shown = {row["conversation_type"]: row["conversation_type_display"] for row in made}
    assert shown == TYPES


def test_fills_in_defaults_for_absent_and_null_fields(voice: Voice) -> None:
    nulls = dict.fromkeys(("conversation_type", "duration_minutes", "ai_feedback", "client_id"))
    for made in (voice.save(), voice.save(**nulls)):
        assert made["conversation_type"] == "practice"
        assert made["duration_minutes"] is None
        assert made["ai_feedback"] == {}
        assert made["client_id"] is None


def test_returns_every_transcription_equal(voice: Voice) -> None:
    said = [
        "  User: ¿Qué tal?\n\tAI: Muy bien.\n",
        TURNS,
        {"segments": [{"speaker": "A", "text": "Moi", "start": 0.5}], "full_text": "Moi"},
        {"full_text": "今日は\u2028café", "words": [], "nested": {"": [None, True, -1, 1.5]}},
        {"messages": [{"role": "user", "text": ""}, {"role": "user", "text": "Yes."}]},
    ]
    for transcription in said:
        made = voice.save(transcription=transcription)
        assert made["transcription"] == transcription
        assert voice.get(f"{made['id']}/")["transcription"] == transcription


def test_rounds_minutes_up(voice: Voice) -> None:
    given = {0: 0, 0.01: 1, 7: 7, 12.5: 13, 12.01: 13, 59.99: 60, 1440: 1440}
    found = {sent: voice.save(duration_minutes=sent)["duration_minutes"] for sent in given}
    assert found == given


def test_trims_topic_and_languages_and_takes_the_longest(voice: Voice) -> None:
    longest = voice.mark.ljust(200, "x")
    made = voice.save(topic=f"  {longest}\n", native_language=" es-MX ", target_language="ñ" * 50)
    assert made["topic"] == longest
    assert made["native_language"] == "es-MX"
    assert made["target_language"] == "ñ" * 50


def test_gives_each_language_the_code_of_its_current_spelling(voice: Voice) -> None:
    made = voice.save(native_language="Deutsch", target_language="Español")
    assert (made["native_language_code"], made["target_language_code"]) == ("de", "es")
    changed = voice.call("PATCH", f"{made['id']}/", json={"target_language": "Contractish X"}).json()
    assert (changed["native_language_code"], changed["target_language_code"]) == ("de", "contractish x")
    [listed] = [row for row in voice.get(native_language="de") if row["id"] == made["id"]]
    assert listed == changed


def test_answers_a_retry_with_the_current_row(voice: Voice) -> None:
    body = voice.body(client_id=str(uuid.uuid4()), duration_minutes=3, ai_feedback=FEEDBACK)
    made = voice.save(**body)
    edited = voice.call("PATCH", f"{made['id']}/", json={"duration_minutes": 4}).json()
    again = voice.call("POST", json=body)
    assert again.status_code == 200
    assert again.json() == edited
    assert len(voice.own_ids(language=voice.language)) == 1


def test_refuses_a_client_id_with_other_content(voice: Voice) -> None:
    body = voice.body(client_id=str(uuid.uuid4()))
    made = voice.save(**body)
    again = voice.call("POST", json=body | {"transcription": "Something else."})
    assert refusal(again) == (409, "client_id_reused")
    assert voice.get(f"{made['id']}/") == made


# ------------------------------------------------------------------------- one conversation


def test_patch_changes_only_the_fields_that_are_sent(voice: Voice) -> None:
    made = voice.save(transcription=TURNS, duration_minutes=5, ai_feedback=FEEDBACK)
    changes = {"conversation_type": "grammar", "duration_minutes": 5.2}
    read_only = {"id": 1, "user": "x", "feedback_status": "done", "created_at": "x"}
    answer = voice.call("PATCH", f"{made['id']}/", json=changes | read_only)
    assert answer.status_code == 200
    changed = answer.json()
    assert changed["updated_at"] > made["updated_at"]
    assert changed == made | {
        "conversation_type": "grammar",
        "conversation_type_display": "Grammar Practice",
        "duration_minutes": 6,
        "updated_at": changed["updated_at"],
    }
    assert voice.get(f"{made['id']}/") == changed


def test_put_replaces_and_requires_the_required_fields(voice: Voice) -> None:
    made = voice.save()
    body = voice.body(transcription=TURNS, native_language="French", duration_minutes=9)
    answer = voice.call("PUT", f"{made['id']}/", json=body)
    assert answer.status_code == 200
    assert {key: answer.json()[key] for key in body} == body
    short = voice.call("PUT", f"{made['id']}/", json={"topic": voice.mark})
    assert refusal(short) == (400, "invalid")
    missing = {"transcription", "native_language", "target_language"}
    assert short.json()["errors"].keys() == missing
    assert voice.get(f"{made['id']}/") == answer.json()


def test_deletes_once(voice: Voice) -> None:
    kept, made = voice.save(), voice.save()
    answer = voice.call("DELETE", f"{made['id']}/")
    assert answer.status_code == 204
    assert answer.content == b""
    assert refusal(voice.call("GET", f"{made['id']}/")) == (404, "not_found")
    assert refusal(voice.call("DELETE", f"{made['id']}/")) == (404, "not_found")
    assert voice.own_ids(language=voice.language) == [kept["id"]]


def test_add_feedback_merges_key_by_key(voice: Voice) -> None:
    made = voice.save(ai_feedback={"grammar_score": 70, "tutor": {"a": 1}, "confidence_level": "x"})
    more = {"grammar_score": 90, "tutor": {"b": 2}, "pronunciation_score": 60}
    answer = voice.call("PATCH", f"{made['id']}/add_feedback/", json={"ai_feedback": more})
    assert answer.status_code == 200
    assert answer.json().keys() == {"message", "conversation"}
    assert isinstance(answer.json()["message"], str)
    merged = answer.json()["conversation"]
    assert merged["ai_feedback"] == more | {"confidence_level": "x"}
    assert merged == made | {key: merged[key] for key in ("ai_feedback", "updated_at")}
    assert voice.get(f"{made['id']}/") == merged


def test_parallel_add_feedback_requests_lose_no_key(voice: Voice) -> None:
    url = f"{voice.base}{voice.save()['id']}/"
    sent = {f"key{number}": number for number in range(8)}

    def add(item: tuple[str, int]) -> int:
        body = {"ai_feedback": dict([item])}
        answer = requests.patch(f"{url}add_feedback/", json=body, headers=voice.headers, timeout=PATIENCE)
        return answer.status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(add, sent.items())) == {200}
    assert voice.get(url)["ai_feedback"] == sent


# -------------------------------------------------------------------------------------- lists


def test_lists_whole_objects_newest_first(voice: Voice) -> None:
    made = [voice.save(transcription=TURNS), voice.save(ai_feedback=FEEDBACK), voice.save()]
    rows = [row for row in voice.get() if row["id"] in voice.created]
    assert rows == made[::-1]


def test_finds_a_language_in_any_spelling(voice: Voice) -> None:
    spellings = ["Basque", "euskara", "eu", "EU-es", " BASQUE ", "Euskera"]
    ids = [voice.save(target_language=spelling)["id"] for spelling in spellings]
    other = voice.save(target_language="Catalan")["id"]
    for spelling in spellings:
        escaped = requests.utils.quote(spelling, safe="")
        assert voice.own_ids(f"by-language/{escaped}/") == ids[::-1]
        assert voice.own_ids(language=spelling) == ids[::-1]
    assert voice.own_ids("by-language/català/") == [other]
    assert voice.get("by-language/nobody%20speaks%20this/") == []


def test_finds_a_language_of_any_characters(voice: Voice) -> None:
    for language in ("C++ 100% a?b#c;d", "日本手話", "a\\b 'c' \"d\""):
        made = voice.save(target_language=f"{language} {voice.mark}")
        escaped = requests.utils.quote(made["target_language"], safe="")
        assert voice.get(f"by-language/{escaped}/") == [made]


def test_lists_by_type(voice: Voice) -> None:
    ids = {value: voice.save(conversation_type=value)["id"] for value in TYPES}
    found = {value: voice.own_ids(f"by-type/{value}/") for value in TYPES}
    assert found == {value: [key] for value, key in ids.items()}


def test_answers_404_for_an_unknown_type(voice: Voice) -> None:
    for word in ("unknown", "Practice", "1"):
        answer = voice.call("GET", f"by-type/{word}/")
        assert refusal(answer) == (404, "unknown_conversation_type")


def test_filters_conversations(voice: Voice) -> None:
    first = voice.save(topic=f"Mercado {voice.mark}", native_language="German", duration_minutes=4)
    second = voice.save(transcription={"full_text": f"我们今天去公园吧 {voice.mark}-said"})
    third = voice.save(conversation_type="lesson", duration_minutes=20, ai_feedback=FEEDBACK)
    one, two, three = first["id"], second["id"], third["id"]
    day = date.fromisoformat(second["created_at"][:10])
    wanted: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [three, two, one]),
        ({"native_language": "Deutsch"}, [one]),
        ({"type": "lesson"}, [three]),
        ({"type": "practice"}, [two, one]),
        ({"since": second["created_at"]}, [three, two]),
        ({"until": second["created_at"]}, [two, one]),
        ({"since": str(day - timedelta(2)), "until": str(day + timedelta(2))}, [three, two, one]),
        ({"since": str(day + timedelta(2))}, []),
        ({"until": str(day - timedelta(2))}, []),
        ({"min_minutes": 4}, [three, one]),
        ({"min_minutes": 5}, [three]),
        ({"has_feedback": "true"}, [three]),
        ({"has_feedback": "false"}, [two, one]),
        ({"search": "mERCADO"}, [one]),
        ({"search": "今天去公园"}, [two]),
        ({"search": f"{voice.mark.upper()}-SAID"}, [two]),
        ({"search": "%"}, []),
        ({"type": "practice", "min_minutes": 1}, [one]),
        ({"unknown": "x"}, [three, two, one]),
    ]
    found = [(query, voice.own_ids(language=voice.language, **query)) for query, _ in wanted]
    assert found == wanted
    assert voice.own_ids("by-type/practice/", min_minutes=1) == [one]
    assert voice.own_ids(f"by-language/{voice.language}/", type="lesson") == [three]


def test_returns_only_the_requested_keys(voice: Voice) -> None:
    made = voice.save()
    lists = ("", f"by-language/{voice.language}/", "by-type/practice/")
    for path in lists:
        rows = voice.get(path, fields="id, topic,created_at", language=voice.language)
        assert rows == [{key: made[key] for key in ("id", "topic", "created_at")}]
        answer = voice.call("GET", path, params={"fields": "id,nope"})
        assert refusal(answer) == (400, "invalid")
        assert all(key in answer.json()["errors"]["fields"][0] for key in {"nope", *KEYS})


def test_pages_follow_the_link_header(voice: Voice) -> None:
    ids = [voice.save()["id"] for _ in range(5)]
    query = {"limit": 2, "fields": "id", "language": voice.language}
    answer = voice.call("GET", params=query)
    seen = [[row["id"] for row in answer.json()]]
    newcomer = voice.save()["id"]
    while "next" in answer.links:
        answer = voice.call("GET", answer.links["next"]["url"])
        seen.append([row["id"] for row in answer.json()])
        assert len(seen) < 9
    assert seen == [ids[:2:-1], ids[2:0:-1], ids[:1]]
    assert voice.own_ids(limit=1, language=voice.language) == [newcomer]
    assert "Link" not in voice.call("GET", params=query | {"limit": 6}).headers
    assert len(voice.get(limit=1000, language=voice.language)) == 6


# ------------------------------------------------------------------------------------ summary


def test_summarises_conversations(voice: Voice) -> None:
    first = voice.save(
        conversation_type="lesson",
        duration_minutes=10,
        ai_feedback={
            "grammar_score": 80,
            "pronunciation_score": 60,
            "areas_for_improvement": ["word order", "articles"],
            "suggested_next_topics": ["Travel"],
        },
    )
    voice.save(
        duration_minutes=15.2,
        ai_feedback={
            "grammar_score": 91,
            "pronunciation_score": None,
            "areas_for_improvement": ["word order"],
            "suggested_next_topics": ["Food", "Travel"],
        },
    )
    last = voice.save()
    summary = voice.get("summary/", language=voice.language.upper())
    streak = summary["longest_streak_days"]
    assert streak in (1, 2)  # 2 if midnight passed in between
    assert summary == {
        "total_conversations": 3,
        "total_duration_minutes": 26,
        "average_duration_minutes": 13,
        "conversations_by_language": {voice.language: 3},
        "languages": [{"code": voice.language.lower(), "label": voice.language, "count": 3}],
        "conversations_by_type": {"lesson": 1, "practice": 2},
        "recent_conversations_last_7_days": 3,
        "available_conversation_types": [{"value": value, "label": label} for value, label in TYPES.items()],
        "average_scores": {"grammar_score": 85.5, "pronunciation_score": 60},
        "current_streak_days": streak,
        "longest_streak_days": streak,
        "top_areas_for_improvement": [
            {"area": "word order", "count": 2},
            {"area": "articles", "count": 1},
        ],
        "suggested_next_topics": ["Food", "Travel"],
        "first_conversation_at": first["created_at"],
        "last_conversation_at": last["created_at"],
    }


def test_summarises_the_whole_account(voice: Voice) -> None:
    before = voice.get("summary/")
    made = voice.save(duration_minutes=7, conversation_type="vocabulary")
    after = voice.get("summary/")
    added = {
        key: after[key] - before[key]
        for key in (
            *("total_conversations", "total_duration_minutes"),
            "recent_conversations_last_7_days",
        )
    }
    assert list(added.values()) == [1, 7, 1]
    counts = [summary["conversations_by_type"].get("vocabulary", 0) for summary in (before, after)]
    assert counts[1] - counts[0] == 1
    assert after["conversations_by_language"][voice.language] == 1
    assert after["last_conversation_at"] == made["created_at"]
    assert after["current_streak_days"] >= 1


def test_summarises_a_period(voice: Voice) -> None:
    made = [voice.save(duration_minutes=minutes) for minutes in (1, 2, 4)]
    wanted = {"since": 6, "until": 3}
    for bound, minutes in wanted.items():
        query = {"language": voice.language, bound: made[1]["created_at"]}
        assert voice.get("summary/", **query)["total_duration_minutes"] == minutes
    nothing = voice.get("summary/", language=voice.language, until="2000-01-01")
    assert nothing["total_conversations"] == 0
    assert nothing["average_duration_minutes"] == 0
    assert nothing["average_scores"] == {"grammar_score": None, "pronunciation_score": None}
    assert nothing["first_conversation_at"] is None
    assert nothing["last_conversation_at"] is None
    assert nothing["longest_streak_days"] == 0


def test_reports_progress(voice: Voice) -> None:
    scores = ({"grammar_score": 80, "pronunciation_score": None}, {"grammar_score": 91}, {})
    for minutes, feedback in zip((10, None, 7), scores, strict=True):
        voice.save(duration_minutes=minutes, ai_feedback=feedback)
    for interval in ("day", "week", "month"):
        answer = voice.get("progress/", language=voice.language.upper(), interval=interval)
        assert answer.keys() == {"interval", "timezone", "series", "trend"}
        assert answer["interval"] == interval
        assert answer["trend"] == {
            "grammar_score": {"last_30_days": 85.5, "previous_30_days": None, "change": None},
            "pronunciation_score": {"last_30_days": None, "previous_30_days": None, "change": None},
        }
        totals = [sum(period[key] for period in answer["series"]) for key in ("conversations", "minutes")]
        assert totals == [3, 17]
        first_days = [date.fromisoformat(period["period"]) for period in answer["series"]]
        assert len(first_days) in (1, 2)  # 2 if midnight passed in between
        if interval == "week":
            assert {day.isoweekday() for day in first_days} == {1}
        if interval == "month":
            assert {day.day for day in first_days} == {1}
    assert voice.get("progress/", language=voice.language)["interval"] == "week"
    nothing = voice.get("progress/", language=voice.language, until="2000-01-01")
    assert nothing["series"] == []


def test_progress_has_no_gaps(voice: Voice) -> None:
    quiet = {"language": voice.language, "since": "2024-02-28", "until": "2024-03-01"}
    for interval, first_days in {
        "day": ["2024-02-28", "2024-02-29", "2024-03-01"],
        "week": ["2024-02-26"],
        "month": ["2024-02-01", "2024-03-01"],
    }.items():
        nothing = {
            "conversations": 0,
            "minutes": 0,
            "average_scores": {"grammar_score": None, "pronunciation_score": None},
        }
        answer = voice.get("progress/", interval=interval, **quiet)
        assert answer["series"] == [{"period": day, **nothing} for day in first_days]
    for query in ({"interval": "year"}, {"interval": "day", "since": "1900-01-01"}):
        assert invalid_fields(voice.call("GET", "progress/", params=query)) == {"interval"}


# ----------------------------------------------------------------------------------- refusals

BAD_FIELDS: list[tuple[str, Any]] = [
    *[("topic", value) for value in ("", " \n", "x" * 201, None, [], {"a": 1}, True)],
    *[("transcription", value) for value in ("", "  ", None, 5, True, [], ["x"], {}, {"x": "y"})],
    *[("transcription", {"messages": value}) for value in ([], [{"role": "user", "text": " "}])],
    ("transcription.messages", {"messages": "hello"}),
    ("transcription.messages.1.text", {"messages": [{"role": "u", "text": "a"}, {"role": "u"}]}),
    ("transcription.messages.0.role", {"messages": [{"role": 1, "text": "a"}]}),
    ("transcription.segments.0.speaker", {"segments": [{"text": "a"}]}),
    ("transcription.full_text", {"full_text": 7}),
    *[("native_language", value) for value in ("", " ", "x" * 51, None, [])],
    *[("target_language", value) for value in ("", " ", "x" * 51, None, {})],
    *[("conversation_type", value) for value in ("", "Practice", "chat", 1, [])],
    *[("duration_minutes", value) for value in (-1, -0.01, 1440.01, 1e300, "x", True, [])],
    *[("ai_feedback", value) for value in ("x", [], 5, {"note": "x" * 33_000})],
    ("ai_feedback.grammar_score", {"grammar_score": 100.5}),
    ("ai_feedback.pronunciation_score", {"pronunciation_score": -1}),
    ("ai_feedback.fluency_score", {"fluency_score": "80"}),
    ("ai_feedback.grammar_score", {"grammar_score": True}),
    ("ai_feedback.areas_for_improvement", {"areas_for_improvement": "articles"}),
    ("ai_feedback.suggested_next_topics", {"suggested_next_topics": [1]}),
    ("ai_feedback.vocabulary_usage", {"vocabulary_usage": 5}),
    ("ai_feedback.confidence_level", {"confidence_level": ["x"]}),
    ("ai_feedback.conversation_flow", {"conversation_flow": None}),
    *[("client_id", value) for value in ("x", "", [])],
]
BAD_JSON: dict[str, bytes] = {
    "cut off": b'{"topic": "x"',
    "not UTF-8": b'{"topic": "\xff"}',
    "NUL": rb'{"topic": "a\u0000b"}',
    "NUL in a key": rb'{"ai_feedback": {"a\u0000": 1}}',
    "half a surrogate pair": rb'{"topic": "\ud800"}',
    "NaN": b'{"duration_minutes": NaN}',
    "beyond a double": b'{"duration_minutes": 1e400}',
    "beyond 64 bits": b'{"duration_minutes": 9223372036854775808}',
    "endless integer": b'{"duration_minutes": ' + b"9" * 5000 + b"}",
    "too deep": b'{"ai_feedback": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}",
    "very deep": b"[" * 100_000,
    "too many values": b"[" + b"1," * 50_000 + b"1]",
}
BAD_QUERIES: dict[str, list[str]] = {
    "limit": ["0", "-1", "x", "1.5"],
    "cursor": ["x", "WzFd:x:y"],
    "fields": ["nope"],
    "type": ["nope"],
    "since": ["yesterday", "2026-02-30", "9999-12-31"],
    "until": ["x"],
    "min_minutes": ["-1", "x", "1441"],
    "has_feedback": ["maybe"],
    "search": ["x" * 201],
}


def invalid_fields(answer: requests.Response) -> Any:
    """The invalid fields that a 400 names; the status and the text of any other response."""
    if answer.status_code != 400 or refusal(answer) != (400, "invalid"):
        return answer.status_code, answer.text
    return set(answer.json()["errors"])


def test_names_each_invalid_field(voice: Voice) -> None:
    row = f"{voice.save()['id']}/"
    stored = voice.get(row)
    patched = {"client_id"}  # PATCH ignores it
    for path, value in BAD_FIELDS:
        body = {path.partition(".")[0]: value}
        shown = f"{path} in {str(body)[:80]}"
        assert invalid_fields(voice.call("POST", json=voice.body(**body))) == {path}, f"POST {shown}"
        if path not in patched:
            patched.add(path)
            assert invalid_fields(voice.call("PATCH", row, json=body)) == {path}, f"PATCH {shown}"
    assert voice.get(row) == stored
    assert voice.own_ids(language=voice.language) == [stored["id"]]


def test_names_every_missing_field(voice: Voice) -> None:
    required = {"topic", "transcription", "native_language", "target_language"}
    assert invalid_fields(voice.call("POST", json={})) == required
    for name in required:
        body = voice.body()
        del body[name]
        assert invalid_fields(voice.call("POST", json=body)) == {name}


def test_refuses_bad_feedback(voice: Voice) -> None:
    row = f"{voice.save(ai_feedback={'grammar_score': 1})['id']}/"
    stored = voice.get(row)
    for body in ({}, {"ai_feedback": None}, {"ai_feedback": []}, {"ai_feedback": "x"}):
        assert invalid_fields(voice.call("PATCH", f"{row}add_feedback/", json=body)) == {"ai_feedback"}
    body = {"ai_feedback": {"grammar_score": 101, "fine": 1}}
    answer = voice.call("PATCH", f"{row}add_feedback/", json=body)
    assert invalid_fields(answer) == {"ai_feedback.grammar_score"}
    assert voice.get(row) == stored


def test_refuses_json_that_cannot_be_stored(voice: Voice) -> None:
    headers = voice.headers | {"Content-Type": "application/json"}
    for label, content in BAD_JSON.items():
        answer = voice.call("POST", data=content, headers=headers)
        assert refusal(answer) == (400, "parse_error"), label
    for content in (b"[]", b'"x"', b"null", b"5"):
        assert refusal(voice.call("POST", data=content, headers=headers)) == (400, "invalid")


def test_refuses_other_media_types_and_large_bodies(voice: Voice) -> None:
    plain = voice.call("POST", data="topic=x", headers=voice.headers | {"Content-Type": "text/csv"})
    assert refusal(plain) == (415, "unsupported_media_type")
    large = voice.call("POST", json=voice.body(transcription="x" * 2_500_001))
    assert refusal(large) == (413, "payload_too_large")


def test_names_each_invalid_query_parameter(voice: Voice) -> None:
    for name, values in BAD_QUERIES.items():
        for value in values:
            answer = voice.call("GET", params={name: value})
            assert invalid_fields(answer) == {name}, f"{name}={value[:40]}"
    assert invalid_fields(voice.call("GET", "summary/", params={"since": "x"})) == {"since"}


def test_answers_404_for_missing_rows_and_paths(voice: Voice) -> None:
    for key in ("0", "99999999999999999999"):
        for method, path in (
            *(("GET", f"{key}/"), ("DELETE", f"{key}/"), ("PUT", f"{key}/")),
            *(("PATCH", f"{key}/"), ("PATCH", f"{key}/add_feedback/")),
        ):
            answer = voice.call(method, path, json=voice.body(ai_feedback={}))
            assert refusal(answer) == (404, "not_found"), f"{method} {path}"
    for path in ("x/", "summary", "by-type/", "by-language//"):
        assert refusal(voice.call("GET", path)) == (404, "not_found"), path


def test_answers_405_for_other_methods(voice: Voice) -> None:
    for method, path in (("DELETE", ""), ("PUT", ""), ("POST", "1/"), ("POST", "summary/")):
        answer = voice.call(method, path, json={})
        assert refusal(answer) == (405, "method_not_allowed"), f"{method} {path}"
        assert method not in answer.headers["Allow"]


def test_answers_401_without_a_valid_token(voice: Voice) -> None:
    row = f"{voice.save()['id']}/"
    calls = [("GET", ""), ("POST", ""), ("GET", "summary/"), ("GET", "by-type/practice/")]
    calls += [(method, row) for method in ("GET", "PUT", "PATCH", "DELETE")]
    calls += [("PATCH", f"{row}add_feedback/"), ("GET", "by-language/eu/"), ("GET", "progress/")]
    headers = {"not_authenticated": {}, "invalid_token": {"Authorization": "Bearer a.b.c"}}
    for code, sent in headers.items():
        for method, path in calls:
            answer = voice.call(method, path, headers=sent, json=voice.body())
            assert refusal(answer) == (401, code), f"{method} {path}"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert voice.get(row)["id"] in voice.created


# ----------------------------------------------------------------------------------- browsers


def test_allows_pages_of_an_allowed_origin(voice: Voice) -> None:
    if voice.origin is None:
        pytest.skip("give --origin with an origin that this server allows")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        asked = {
            "Origin": voice.origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        answer = voice.call("OPTIONS", headers=asked)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == voice.origin
        assert method in answer.headers["Access-Control-Allow-Methods"]
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        assert {"authorization", "content-type"} <= set(allowed.split(", "))
    for headers in (voice.headers, {}):  # a page must be able to read errors too
        answer = voice.call("GET", headers=headers | {"Origin": voice.origin})
        assert answer.headers["Access-Control-Allow-Origin"] == voice.origin
        assert "Link" in answer.headers["Access-Control-Expose-Headers"]


def test_refuses_pages_of_other_origins(voice: Voice) -> None:
    asked = {"Origin": "http://localhost.evil.example", "Access-Control-Request-Method": "POST"}
    assert "Access-Control-Allow-Origin" not in voice.call("OPTIONS", headers=asked).headers


# --------------------------------------------------------------------------------- the script

Check = Callable[[Voice], None]


def main() -> int:
    """Runs every check and prints its result. Returns 0 if all passed."""
    # A background job of a shell ignores SIGINT unless it has a handler, and so would the local server.
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    options = arguments()
    if options.url:
        return run_checks(options.url, options.token, options.origin)
    with local_server() as (url, token):
        return run_checks(url, token, options.origin or ORIGIN)


def end(*_: Any) -> NoReturn:
    """Ends the script by an exception, so that the rows and the local server are removed."""
    sys.exit("Ended before the last check.")


def arguments() -> argparse.Namespace:
    """The options of the command line and the environment. Exits with a message if they are invalid."""
    description = "Checks the voice contract over HTTP; without --url, starts a local server."
    parser = argparse.ArgumentParser(description=description)
    env = os.environ.get
    parser.add_argument("--url", default=env("LINGUAFLEX_URL"), help="LINGUAFLEX_URL")
    parser.add_argument("--token", default=env("LINGUAFLEX_ACCESS_TOKEN"), help="access token")
    parser.add_argument("--origin", help="an origin of web pages that the server allows")
    options = parser.parse_args()
    if options.token and not options.url:
        parser.error("A token needs the address of its server: give --url or LINGUAFLEX_URL.")
    if options.url and not options.token:
        parser.error("--url needs --token or LINGUAFLEX_ACCESS_TOKEN: a Supabase access token.")
    if options.url and not re.match(r"https?://[^/]", options.url):
        parser.error(f"--url must begin with http:// or https://, not {options.url!r}.")
    return options


def run_checks(url: str, token: str, origin: str | None) -> int:
    """Runs the checks of this file in their order. Returns 0 if all passed."""
    check_server(Voice(url, token))
    names = {name: check for name, check in globals().items() if name.startswith("test_")}
    passed = failed = 0
    for name, check in names.items():
        result = outcome(check, Voice(url, token, origin=origin))
        passed, failed = passed + (result == "ok"), failed + result.startswith("FAIL")
        word, _, reason = result.partition(" ")
        say(f"{word:4} {name.removeprefix('test_').replace('_', ' ')}{reason and f': {reason}'}")
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def check_server(voice: Voice) -> None:
    """Exits with a message if no server answers, or if it refuses the token."""
    try:
        answer = voice.call("GET", params={"limit": 1})
    except requests.RequestException as error:
        sys.exit(f"No server answers at {voice.base}: {type(error).__name__}.")
    except UnicodeError:
        sys.exit("An access token consists of ASCII characters.")
    try:
        rows = answer.json()
    except ValueError:
        rows = {}
    if answer.status_code != 200 or not isinstance(rows, list):
        detail = rows.get("detail") if isinstance(rows, dict) else None
        sys.exit(f"{voice.base} answers {answer.status_code}: {detail or 'is it LinguaFlex?'}")


def outcome(check: Check, voice: Voice) -> str:
    """Runs a check and deletes its rows. Returns ``ok``, or ``skip`` or ``FAIL`` with the reason."""
    try:
        check(voice)
        result = "ok"
    except pytest.skip.Exception as skip:
        result = f"skip {skip.msg}"
    except Exception as error:
        result = f"FAIL {reason_of(error, voice)}"
    finally:
        kept = cleaned(voice)
    return f"FAIL {kept}" if kept and result == "ok" else result


def cleaned(voice: Voice) -> str:
    """Deletes the rows of the check. Returns an error message, or an empty string."""
    try:
        kept = voice.clean()
    except requests.RequestException as error:
        return f"rows {voice.created} were not deleted: {type(error).__name__}"
    return f"rows {kept} were not deleted" if kept else ""


def reason_of(error: Exception, voice: Voice) -> str:
    """The line of the check that failed, and the last request with its response."""
    frames = list(traceback.extract_tb(error.__traceback__))
    place = next(frame for frame in reversed(frames) if frame.filename == __file__)
    words = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
    parts = [f"line {place.lineno}, {place.line}", words]
    if (last := voice.last) is not None:
        sent = f"{last.request.method} {last.request.url}"
        parts.append(f"last answer: {sent} -> {last.status_code} {last.text[:300]}")
    return "; ".join(part for part in parts if part)


def say(line: str) -> None:
    """Prints one line without delay."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def local_server() -> Iterator[tuple[str, str]]:
    """Starts the local default in a new folder. Yields its URL and the token of a new learner."""
    folder = Path(tempfile.mkdtemp(prefix="linguaflex-voice-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as another user, who must be able to enter it
    port, supabase_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    environment = own_environment(folder / "data", supabase_port)
    try:
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches only this script, which then stops the server
            )
        try:
            wait_until_ready(url, server, folder / "log")
            yield url, new_learner(url)
        finally:
            stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def own_environment(data_dir: Path, supabase_port: int) -> dict[str, str]:
    """The environment of a local server that shares no data and no port with another."""
    unset = ("DATABASE_URL", "SUPABASE_URL", "SUPABASE_JWT_ISSUER", "SUPABASE_JWT_SECRET")
    unset += ("CORS_ALLOWED_ORIGINS", "ALLOWED_HOSTS", "SENTRY_DSN")
    return {
        **os.environ,
        **dict.fromkeys((*unset, "LINGUAFLEX_CONFIRM_EMAIL", "TRUSTED_PROXY_COUNT"), ""),
        "LINGUAFLEX_ENV": "local",
        "LINGUAFLEX_DATA_DIR": str(data_dir),
        "LINGUAFLEX_SUPABASE_PORT": str(supabase_port),
        "PYTHONUNBUFFERED": "1",
    }


def free_port() -> int:
    """An unused port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the server is ready. Exits with its log if it is not ready in time."""
    deadline = time.monotonic() + START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(f"{url}/ready/", timeout=5).status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    sys.exit(f"The local server did not start:\n{log.read_text(errors='replace')}")


def new_learner(url: str) -> str:
    """Registers a learner and returns the access token."""
    email = f"contract.{uuid.uuid4().hex}@example.com"
    body = {"email": email, "password": uuid.uuid4().hex, "name": "Contract"}
    answer = requests.post(f"{url}/accounts/register/", json=body, timeout=PATIENCE)
    if answer.status_code != 201:
        sys.exit(f"A learner cannot register: {answer.status_code} {json.dumps(answer.text)}")
    return str(answer.json()["session"]["access_token"])


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stops the server as Ctrl-C does, so that it also stops its database."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
