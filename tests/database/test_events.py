"""Every trigger of our tables, and each event that it sends: its topic, its audience and its keys.

A new trigger makes these tests fail: add it to TRIGGERS, and its event to EVENTS.
"""

import json
from typing import Any

import pytest
from django.db import connection

from accounts.models import Chat, Correction, Message, VoiceConversation
from tests.fixtures.people import CHATS, Person
from tests.fixtures.reports import warn
from tests.fixtures.shared import COMMENT, Shared, take_back

pytestmark = pytest.mark.django_db

# Table and trigger -> the events that it sends on Realtime.
TRIGGERS = {
    ("comment", "comment_announced"): {"comment"},
    ("comment", "comment_change_announced"): {"comment"},
    ("correction", "correction_announced"): {"correction"},
    ("gig", "gig_search_filled"): set(),
    ("notice", "notice_announced"): {"notice"},
    ("message", "message_announced"): {"message"},
    ("message", "chats_of_messages_announced"): {"chat"},
    ("message", "message_change_announced"): {"edit", "deletion"},
    ("participant", "chat_announced"): {"chat"},
    ("participant", "chat_change_announced"): {"chat"},
    ("participant", "chat_reading_announced"): {"chat"},
    ("participant", "reading_announced"): {"read"},
    ("privatetextreading", "reading_kept"): set(),
    ("share", "share_announced"): {"share"},
    ("share", "share_deletion_announced"): {"share"},
    ("share", "share_end_announced"): {"share"},
    ("user", "gig_search_refreshed"): set(),
    ("voiceconversation", "feedback_announced"): {"feedback"},
    ("voiceconversation", "practice_deleted"): set(),
    ("voiceconversation", "practice_inserted"): set(),
    ("voiceconversation", "practice_updated"): set(),
    ("storedbytes", "stored_bytes_summed_up"): set(),
    **{
        (table, f"stored_bytes_{operation}"): set()
        for table in ("card", "comment", "correction", "gig", "message", "voiceconversation")
        for operation in ("insert", "update", "delete")
    },
}
ALL_TRIGGERS = """
select replace(c.relname, 'accounts_', ''), t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
where not t.tgisinternal and c.relnamespace = 'public'::regnamespace"""

MESSAGE = {
    *("chat", "id", "seq", "sender", "content", "client_id", "created_at", "edited_at", "deleted_at"),
    "removed_by_staff",
}
# Event and topic -> who receives it by the policies, and its keys. Only events of messages have a text.
EVENTS: dict[tuple[str, str], tuple[set[str], set[str]]] = {
    ("message", "chat"): ({"learner", "teacher"}, MESSAGE),
    ("edit", "chat"): ({"learner", "teacher"}, MESSAGE),
    ("deletion", "chat"): ({"learner", "teacher"}, MESSAGE),
    ("read", "chat"): ({"learner", "teacher"}, {"chat", "reader", "seq"}),
    ("correction", "chat"): ({"learner", "teacher"}, {"message_seq", "correction"}),
    ("chat", "user of the learner"): ({"learner"}, {"id", "last_seq", "unread_count"}),
    ("chat", "user of the teacher"): ({"teacher"}, {"id", "last_seq", "unread_count"}),
    ("comment", "user of the learner"): ({"learner"}, {"conversation", "comment"}),
    ("feedback", "user of the learner"): ({"learner"}, {"conversation", "feedback_status"}),
    ("notice", "user of the learner"): ({"learner"}, {"id"}),
    ("share", "user of the learner"): ({"learner"}, {"conversation", "state"}),
    ("share", "user of the teacher"): ({"teacher"}, {"conversation", "state"}),
}


def rows_of(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_every_trigger_is_in_the_table() -> None:
    assert set(rows_of(ALL_TRIGGERS)) == set(TRIGGERS)


def test_the_table_of_events_has_those_of_the_triggers() -> None:
    assert {event for event, _ in EVENTS} == set().union(*TRIGGERS.values())


def test_each_event_reaches_its_audience_with_its_keys(shared: Shared, stranger: Person) -> None:
    send_chat_events(shared)
    send_learning_events(shared)
    warn(shared.learner)
    people = {"learner": shared.learner, "teacher": shared.teacher, "stranger": stranger}
    topics = {f"user:{person.user.pk}": f"user of the {name}" for name, person in people.items()}
    chats = {str(chat.pk) for chat in Chat.objects.all()}
    found: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    sent = "select event, topic, payload::text, private from realtime.messages where extension = 'broadcast'"
    for event, topic, payload, private in rows_of(sent):
        assert private, "anybody could join a topic that is not private"
        audience = {name for name, person in people.items() if receives(person, topic)}
        kind = topics.get(topic, topic.partition(":")[0])
        # Realtime adds an id, a UUID, to a payload without one.
        values = json.loads(payload).items()
        keys = {key for key, value in values if key != "id" or isinstance(value, int) or value in chats}
        assert found.setdefault((event, kind), (audience, keys)) == (audience, keys)
    assert found == EVENTS


def receives(person: Person, topic: str) -> bool:
    """Whether the policies let the person read the rows of the topic, as Realtime asks them."""
    claims = json.dumps({"sub": str(person.user.pk), "role": "authenticated"})
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('realtime.topic', %s, true), set_config('request.jwt.claims', %s, true)",
            (topic, claims),
        )
        cursor.execute("set local role authenticated")
        cursor.execute("select count(*) from realtime.messages")
        [[count]] = cursor.fetchall()
        cursor.execute("reset role")
    return bool(count)


def send_chat_events(shared: Shared) -> None:
    learner, teacher = shared.learner, shared.teacher
    chat = learner.open_chat(teacher)
    first, second = learner.write(chat), learner.write(chat)
    path = f"{CHATS}{chat['id']}/"
    assert teacher.client.post(f"{path}read/", {"seq": 2}).status_code == 200
    edited = learner.client.patch(f"{path}messages/{first['seq']}/", {"content": "Adiós"})
    assert edited.status_code == 200
    Correction.objects.create(
        learner=learner.user,
        source="peer",
        author=teacher.user,
        quote="Adiós",
        corrected="¡Adiós!",
        message=Message.objects.get(seq=first["seq"]),
    )
    assert learner.client.delete(f"{path}messages/{second['seq']}/").status_code == 204


def send_learning_events(shared: Shared) -> None:
    conversation = VoiceConversation.objects.get()
    conversation.fail_feedback("No answer.")
    made = shared.comment(**COMMENT)
    shared.patch(made, text="Usa tener.")
    shared.delete(made)
    take_back(shared.learner, shared.pk, shared.teacher)
