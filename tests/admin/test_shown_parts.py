"""Pages of private texts show a bounded part, and say what they leave out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.admin.shown_parts import MAX_CHARACTERS, MAX_CORRECTIONS, MAX_FIELDS, MAX_TURNS, first_of
from accounts.models import Correction, Message, User, VoiceConversation, VoiceEvent
from tests.admin.test_private_text import WHY, key_of, path_of, read
from tests.fixtures.moderation import read as read_report
from tests.fixtures.people import Person
from tests.fixtures.private_rows import make_chat, make_conversation, make_session
from tests.fixtures.reports import reported
from tests.fixtures.staff import signed_in
from tests.fixtures.voice_events import turn

pytestmark = pytest.mark.django_db(transaction=True)

MAX_BYTES = 1_000_000
COSTLY = "'"  # HTML writes it in six bytes


def page(client: Client, name: str, row: Any, query: str = "") -> str:
    """The page of the row's private texts."""
    content = read(client, name, row, query).content
    assert len(content) < MAX_BYTES
    html: str = content.decode()
    return html


def lines_in(html: str) -> int:
    """The number of lines of a dialogue."""
    return html.count("<bdi>Learner</bdi>") + html.count("<bdi>Tutor</bdi>")


def messages(count: int, text: str = "one two") -> dict[str, Any]:
    """A transcription of ``count`` turns of the learner."""
    return {"messages": [{"role": "user", "text": f"{text} {number}."} for number in range(count)]}


def correct(row: VoiceConversation, **changes: Any) -> Correction:
    """A correction of a teacher of the first turn."""
    fields = {"turn": 0, "source": "teacher", "quote": "one", "corrected": "eins", "explanation": "Because."}
    return Correction.objects.create(learner=row.user, conversation=row, **fields | changes)


def correct_often(row: VoiceConversation, count: int) -> None:
    """Makes ``count`` corrections with numbers."""
    Correction.objects.bulk_create(
        Correction(
            learner=row.user,
            conversation=row,
            turn=0,
            source="teacher",
            quote="one",
            corrected=f"right {number}.",
        )
        for number in range(count)
    )


@pytest.mark.parametrize(
    ("texts", "shown", "rest"),
    [
        (["ab", "cd"], ["ab", "cd"], ""),
        (["ab", "cde"], ["ab", "cd"], "1 more character"),
        (["abcdef"], ["abcd"], "2 more characters"),
        (["abcd", "e"], ["abcd"], "1 more turn and 1 more character"),
        (["a", "b", "c", "de"], ["a", "b", "c"], "1 more turn and 2 more characters"),
        (["abc", "de", "x" * 5000], ["abc", "d"], "1 more turn and 5,001 more characters"),
        ([], [], ""),
    ],
)
def test_the_first_texts_are_shown_up_to_a_number_of_texts_and_characters(
    texts: list[str], shown: list[str], rest: str
) -> None:
    found, left_out = first_of(texts, "turn", 3, 4)
    assert (found, str(left_out), bool(left_out)) == (shown, rest, bool(rest))


def test_a_long_transcript_is_cut_and_the_page_says_by_how_much(boss: Client, anna: User) -> None:
    spoken = [f"{index} has went to the town with a friend and a dog in the rain." for index in range(37_000)]
    text = "\n".join(f"{('Student', 'Tutor')[index % 2]}: {words}" for index, words in enumerate(spoken))
    assert len(text) > 2_400_000
    row = make_conversation(anna, transcription=text)
    begun = time.monotonic()
    html = page(boss, "voiceconversation", row)
    assert time.monotonic() - begun < 10
    assert lines_in(html) == MAX_TURNS
    [(turns, characters)] = re.findall(
        r"Cut here\. Not shown on any page: ([\d,]+) more turns and ([\d,]+) more characters\.", html
    )
    assert int(turns.replace(",", "")) > 3000  # labels are read in the first 300,000 characters
    assert int(characters.replace(",", "")) > 2_000_000


def test_the_sentence_counts_the_turns_and_characters_that_are_left_out(boss: Client, anna: User) -> None:
    html = page(boss, "voiceconversation", make_conversation(anna, transcription=messages(40_000)))
    characters = sum(len(f"one two {number}.") for number in range(MAX_TURNS, 40_000))
    assert f"Cut here. Not shown on any page: 39,500 more turns and {characters:,} more characters." in html
    assert "one two 499." in html and "one two 500." not in html


def test_a_long_turn_is_cut(boss: Client, anna: User) -> None:
    html = page(boss, "voiceconversation", make_conversation(anna, transcription=COSTLY * 2_400_000))
    assert html.count("&#x27;") == MAX_CHARACTERS
    assert f"Not shown on any page: {2_400_000 - MAX_CHARACTERS:,} more characters." in html


def test_a_page_of_the_bounds_is_whole(boss: Client, anna: User) -> None:
    row = make_conversation(anna, transcription=messages(MAX_TURNS))
    correct_often(row, MAX_CORRECTIONS)
    html = page(boss, "voiceconversation", row)
    assert "not shown" not in html.lower()
    assert lines_in(html) == MAX_TURNS and html.count("<ins") == MAX_CORRECTIONS


def test_a_correction_beyond_the_cut_is_listed_with_its_quote(boss: Client, anna: User) -> None:
    row = make_conversation(anna, transcription=messages(600))
    correct(row, turn=0, quote="two 0", corrected="zwei")
    correct(row, turn=599, quote="two 599", corrected="drei")
    html = page(boss, "voiceconversation", row)
    heading = html.index("Corrections without a place in the shown part of the transcript")
    assert "<mark>two 0</mark>" in html and html.index(">zwei<") < heading
    assert heading < html.index(">two 599</del>") < html.index(">drei<")


def test_a_correction_of_the_cut_part_of_a_turn_is_listed(boss: Client, anna: User) -> None:
    row = make_conversation(anna, transcription=f"Student: begin {'x' * 200_000} end")
    correct(row, quote="begin", corrected="Anfang")
    correct(row, quote="end", corrected="Ende")
    html = page(boss, "voiceconversation", row)
    heading = html.index("Corrections without a place")
    assert html.index("<mark>begin</mark>") < html.index(">Anfang<") < heading < html.index(">Ende<")


def test_the_first_corrections_are_shown_and_the_others_counted(boss: Client, anna: User) -> None:
    row = make_conversation(anna, transcription=messages(40_000))
    correct_often(row, 500)
    html = page(boss, "voiceconversation", row)
    assert html.count("<ins") == MAX_CORRECTIONS
    assert "right 199." in html and "right 200." not in html
    assert "Not shown here: 300 more corrections. Each has a page of its own" in html
    assert f'href="/admin/accounts/correction/?q={anna.pk}"' in html


def test_a_correction_that_is_too_long_hides_no_other(boss: Client, anna: User) -> None:
    row = make_conversation(anna, transcription=messages(2))
    correct(row, corrected="x" * 30_000)
    correct(row, corrected="eins")
    html = page(boss, "voiceconversation", row)
    assert html.count("<ins") == 1 and ">eins<" in html
    assert "Not shown here: 1 more correction." in html


def test_only_staff_who_may_view_corrections_get_the_link_to_their_list(
    make_staff: Callable[..., User], anna: User
) -> None:
    row = make_conversation(anna, transcription=messages(2))
    correct_often(row, MAX_CORRECTIONS + 1)
    names = ("view_voiceconversation", "read_private_text")
    plain = page(signed_in(make_staff("Sam", *names)), "voiceconversation", row)
    more = page(signed_in(make_staff("Eve", *names, "view_correction")), "voiceconversation", row)
    assert "1 more correction. Each has a page of its own." in plain
    assert "/admin/accounts/correction/?q=" in more and "/admin/accounts/correction/?q=" not in plain


def test_the_statements_do_not_grow_with_turns_and_corrections(boss: Client, anna: User) -> None:
    few, many = (make_conversation(anna, transcription=messages(count)) for count in (2, 2000))
    correct_often(few, 1)
    correct_often(many, MAX_CORRECTIONS + 1)
    numbers = []
    for row in (few, many):
        path = path_of("voiceconversation", row)
        sent = {"why": WHY, "form": key_of(boss.get(path))}
        with CaptureQueriesContext(connection) as counted:
            boss.post(path, sent)
        numbers.append(len(counted))
    assert numbers[0] == numbers[1]


def test_large_feedback_is_cut(boss: Client, anna: User) -> None:
    nested = {"parts": [{"part": "word" * 10}] * 40_000}
    html = page(boss, "voiceconversation", make_conversation(anna, ai_feedback=nested))
    assert "Feedback: Parts" in html
    assert re.search(r"Cut here\. Not shown on any page: 2,\d{3},\d{3} more characters\.", html)
    many = {f"key {number}": "word" for number in range(50_000)}
    html = page(boss, "voiceconversation", make_conversation(anna, ai_feedback=many))
    assert html.count("Feedback: Key ") == MAX_FIELDS - 2  # beside the topic and the feedback of the AI
    assert re.search(r"Not shown on any page: 49,902 more texts and [\d,]+ more characters\.", html)


def test_a_label_of_feedback_is_cut(boss: Client, anna: User) -> None:
    html = page(boss, "voiceconversation", make_conversation(anna, ai_feedback={"key " * 600_000: "word"}))
    assert "Not shown on any page: " in html


def test_a_page_that_exceeds_every_bound_stays_below_the_limit(boss: Client, anna: User) -> None:
    row = make_conversation(
        anna,
        transcription=messages(1000, COSTLY * 80),
        ai_feedback={f"{COSTLY * 200}{number}": COSTLY * 30 for number in range(500)},
    )
    Correction.objects.bulk_create(
        Correction(
            **{"learner": anna, "conversation": row, "turn": number, "source": "teacher"},
            **{"quote": COSTLY * 40, "corrected": COSTLY * 40, "explanation": COSTLY * 44},
        )
        for number in range(300)
    )
    html = page(boss, "voiceconversation", row)
    assert html.count("Not shown") == 3 and lines_in(html) == MAX_TURNS


def test_a_long_session_is_cut(boss: Client, anna: User) -> None:
    session = make_session(anna)
    events = [event for number in range(2, 2000) for event in turn(number, "user", f"{number} words " * 60)]
    VoiceEvent.objects.bulk_create(
        VoiceEvent(session=session, event_id=event["event_id"], content=event) for event in events
    )
    html = page(boss, "voicesession", session)
    assert "Turns that are not saved yet" in html and lines_in(html) < MAX_TURNS
    assert re.search(
        r"Cut here\. Not shown on any page: 1,\d{3} more turns and [\d,]+ more characters\.", html
    )


def test_a_page_of_a_chat_ends_at_the_bound_and_the_older_messages_follow(
    boss: Client, anna: User, zoe: User
) -> None:
    chat = make_chat(anna, zoe, 20)
    Message.objects.update(content=COSTLY * 10_000)
    found = []
    for before in ("", "?before=14", "?before=7"):
        html = page(boss, "chat", chat, before)
        found.append((html.count("&#x27;" * 10_000), re.findall(r'href="(\?before=\d+)"', html)))
    assert found == [(7, ["?before=14"]), (7, ["?before=7"]), (6, [])]


def test_the_page_of_a_report_is_bounded_by_its_columns(
    boss: Client, student: Person, teacher: Person
) -> None:
    chat = student.open_chat(teacher)
    sent = [teacher.write(chat, COSTLY * 10_000) for _ in range(15)]
    report = reported(student, "message", sent[7]["id"], text=COSTLY * 2_000)
    Message.objects.filter(pk=sent[7]["id"]).update(content=f"{COSTLY * 9_999}!")  # not "The same"
    html = read_report(boss, report)
    assert html.count("&#x27;" * 10_000) == 11 and len(html.encode()) < MAX_BYTES
