"""Compiled lists return the rows of their QuerySet, and their JSON is the serializer's."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers

from accounts.models import Chat, Gig, Message, User, VoiceConversation, raw_json
from accounts.models.bounded import CutRows, first_of_guarded
from accounts.models.compiled_lists import CompiledList
from accounts.rest.renderers import FastJSONRenderer
from accounts.serializers.chats import MessageSerializer, ParticipantSerializer
from accounts.serializers.gigs import GigSerializer
from accounts.serializers.rows import RowWriter
from accounts.serializers.teachers import TeacherSerializer
from accounts.serializers.users import PublicProfileSerializer
from accounts.serializers.voice_conversations import VoiceConversationSerializer
from accounts.views.chats import MINE
from accounts.views.gigs import ON_OFFER, OWN
from accounts.views.notices import NOTICES
from accounts.views.users import DIRECTORY
from accounts.views.voice_conversations import CONVERSATIONS
from tests.fixtures.people import CHATS, Person

pytestmark = pytest.mark.django_db
LISTINGS = {
    "gigs on offer": (ON_OFFER, GigSerializer, Gig),
    "own gigs": (OWN, GigSerializer, Gig),
    "users": (DIRECTORY, PublicProfileSerializer, User),
    "conversations": (CONVERSATIONS, VoiceConversationSerializer, VoiceConversation),
}
JSON = {
    "messages": [{"role": "user", "text": '¿Qué \u2028 \\" 00'}],
    "numbers": [1e300, -1e25, 0.1, 5.0, 2**53 + 1],
}


@pytest.mark.parametrize("name", LISTINGS)
def test_a_list_has_the_values_of_its_serializer(name: str, student: Person, teacher: Person) -> None:
    listing, serializer, model = LISTINGS[name]
    teacher.offer(price_per_session="0.50", tags=["a", "b"], what_is_included="x" * 100)
    teacher.offer(client_id="7c9e6679-7425-40de-944b-e07fc1f90ae7")
    student.save_conversation(transcription=JSON, ai_feedback={"note": [None, True, 10**18]})
    student.save_conversation(transcription="Hola 1000000000000000000000", duration_minutes=None)
    User.objects.filter(pk=teacher.user.pk).update(
        profile_picture="a/ü.webp", learning_languages=["es", "en"]
    )
    rows = model.objects.order_by("-pk")
    owner = (student.user.pk, student.user.name, student.user.email) if name == "conversations" else ()
    written = listing.write(listing.rows().order_by("-pk")[:50], given=owner)
    assert json_of(written) == json_of(serializer(rows, many=True).data) != []


def test_a_list_refuses_to_write_without_the_given_values(student: Person) -> None:
    student.save_conversation()
    with pytest.raises(TypeError, match="user_name"):
        CONVERSATIONS.write(CONVERSATIONS.rows()[:1])


def test_chats_and_messages_have_the_values_of_their_serializers(
    student: Person, teacher: Person, stranger: Person
) -> None:
    User.objects.filter(pk=teacher.user.pk).update(profile_picture="a/ü.webp")
    chat, empty = student.open_chat(teacher), student.open_chat(stranger)
    for person, client_id in ((student, "7c9e6679-7425-40de-944b-e07fc1f90ae7"), (teacher, None)):
        person.write(chat, '¿Qué \u2028 \\" 00', client_id=client_id)
    correction = f"{CHATS}{chat['id']}/messages/1/corrections/"
    assert teacher.client.post(correction, {"corrected": "¿Qué?"}).status_code == 201
    teacher.client.post(f"{CHATS}{chat['id']}/block/")
    for person in (student, teacher):
        found = person.client.get(CHATS).json()
        assert json_of(found) == json_of([chat_of(person, each["id"]) for each in found])
    assert [each["id"] for each in student.client.get(CHATS).json()] == [chat["id"], empty["id"]]
    found = student.client.get(f"{CHATS}{chat['id']}/messages/").json()
    assert [len(each.pop("corrections")) for each in found] == [1, 0]
    assert json_of(found) == json_of(MessageSerializer(Message.objects.order_by("seq"), many=True).data)


def chat_of(person: Person, pk: str) -> dict[str, Any]:
    """The chat as the person sees it, by DRF's serializers of model instances."""
    chat, last = Chat.objects.get(pk=pk), Message.objects.filter(chat=pk).order_by("seq").last()
    own, peer = chat.participants.get(user=person.user), chat.participants.exclude(user=person.user).get()
    people = [ParticipantSerializer(user).data for user in (chat.first, chat.second)]
    for each in people:
        if each["id"] != str(person.user.pk) and not chat.messages.by_sender(peer.user).exists():
            each["email"] = None
    dates = serializers.DateTimeField()
    return {
        "id": pk,
        "participants": people,
        "last_message": last and MessageSerializer(last).data,
        "last_seq": chat.last_seq,
        "unread_count": own.unread_count,
        "my_read_seq": own.read_seq,
        "peer_read_seq": peer.read_seq,
        "blocked_by_me": own.blocked_at is not None,
        "realtime": {"topic": f"chat:{pk}", "event": "message"},
        "created_at": dates.to_representation(chat.created_at),
        "updated_at": dates.to_representation(chat.updated_at),
    }


def json_of(values: Any) -> Any:
    """The values as clients read them, with the keys in their order."""
    return json.loads(FastJSONRenderer().render(values), object_pairs_hook=list)


def test_a_list_with_some_fields_reads_no_other_columns(student: Person, whole_statements: None) -> None:
    student.save_conversation()
    fields = ["topic", "id"]
    with CaptureQueriesContext(connection) as queries:
        rows = CONVERSATIONS.rows(fields).for_user(student.user)[:9]
    assert [list(row) for row in CONVERSATIONS.write(rows, fields)] == [["id", "topic"]]
    sql = queries[0]["sql"]
    assert "topic" in sql
    assert "transcription" not in sql


def gigs() -> CompiledList:
    return CompiledList(lambda: Gig.objects.order_by("id"), ["id"])


@pytest.mark.parametrize(
    "restrict",
    [
        lambda rows: rows.in_currency("eur"),
        lambda rows: rows.in_currency("USD").priced_from(Decimal(20)).priced_up_to(Decimal("20.00")),
        lambda rows: rows.filter(Q(price_per_session__gt=10) & ~Q(currency="EUR") | Q(session_minutes=45)),
        lambda rows: rows.exclude(currency="EUR", price_per_session__lt=30),
        lambda rows: rows.filter(suspended_at=None, teacher__is_verified=False),
        lambda rows: rows.filter(created_at__lte=datetime(2200, 1, 1, tzinfo=UTC), currency="EUR"),
        lambda rows: rows.mentioning("grammar").tagged("Travel").in_currency("EUR"),
        lambda rows: rows.in_currency("EUR").order_by("-price_per_session", "-id"),
    ],
)
def test_conditions_select_the_rows_that_the_queryset_selects(restrict: Any, teacher: Person) -> None:
    for price, currency, minutes in ((10, "EUR", 30), (20, "USD", 45), (20, "EUR", 60), (40, "USD", 45)):
        teacher.offer(price_per_session=price, currency=currency, session_minutes=minutes, tags=["travel"])
    compiled = gigs()
    expected = [gig.pk for gig in restrict(Gig.objects.order_by("id"))]
    for _ in range(2):  # compiled, and from the memory
        assert [row[0] for row in restrict(compiled.rows())[:9]] == expected


def test_the_same_conditions_with_other_values_select_other_rows(teacher: Person) -> None:
    for currency in ("EUR", "USD", "EUR"):
        teacher.offer(currency=currency)
    rows = gigs().rows().for_user(teacher.user)
    assert [len(rows.in_currency(name)[:9]) for name in ("EUR", "USD", "GBP", "EUR")] == [2, 1, 0, 2]
    assert len(rows.in_currency("EUR")[:1]) == 1


def test_a_row_ends_with_the_values_of_its_order_that_it_lacks(teacher: Person) -> None:
    gig = teacher.offer(price_per_session="12.00")
    rows = gigs().rows().order_by("-price_per_session", "id")
    [row] = rows[:1]
    assert row == (gig["id"], Decimal("12.00"))
    assert rows.sort_values_of(row) == [Decimal("12.00"), gig["id"]]


def test_a_method_that_does_more_than_filter_is_refused() -> None:
    with pytest.raises(AttributeError, match="count"):
        gigs().rows().count()


def test_a_field_of_several_columns_has_no_row_writer() -> None:

    with pytest.raises(TypeError, match="gigs"):
        RowWriter(TeacherSerializer())


def test_a_column_that_django_converts_is_refused() -> None:
    with pytest.raises(TypeError, match="read as they are"):
        CompiledList(lambda: VoiceConversation.objects.order_by("id"), ["transcription"]).rows()[:1]


def test_no_column_has_the_type_that_is_read_as_bytes() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select attrelid::regclass from pg_attribute join pg_class c on c.oid = attrelid"
            " where atttypid = %s and c.relkind in ('r', 'v', 'm', 'p')",
            [raw_json.BPCHAR_OID],
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize(("max_bytes", "count"), [(15, 3), (14, 2), (10, 2), (9, 1), (4, 1)])
def test_rows_read_without_a_count_end_at_the_bytes_of_a_page(max_bytes: int, count: int) -> None:
    found = first_of_guarded([(b"12345", False)] * 3, [0], max_bytes)
    assert found is not None and len(found) == count
    assert isinstance(found, CutRows) == (count < 3)


OF_ONE_USER = {"conversations": CONVERSATIONS, "chats": MINE, "notices": NOTICES}


@pytest.mark.parametrize("name", OF_ONE_USER)
def test_the_first_page_of_a_user_is_prepared_once(name: str, student: Person, teacher: Person) -> None:
    student.open_chat(teacher)
    for number in range(3):
        student.save_conversation(topic=str(number))
    rows = OF_ONE_USER[name].rows()
    count = len(rows.compiled.columns)
    for person in (student, teacher, student, teacher, student):
        mine = rows.for_user(person.user)
        expected = [row[:count] for row in mine.queryset()[:2]]
        with CaptureQueriesContext(connection) as counted:
            assert [row[:count] for row in mine[:2]] == expected
    assert [query["sql"].split()[0] for query in counted.captured_queries] == ["EXECUTE"]
    with CaptureQueriesContext(connection) as counted:  # neither later pages nor other conditions
        for _ in range(3):
            mine[2:4]
            mine.exclude(user=student.user)[:2]
    assert not [query for query in counted.captured_queries if query["sql"].startswith("EXECUTE")]


@pytest.mark.parametrize("field", VoiceConversationSerializer.Meta.fields)
def test_the_first_page_with_one_field_is_prepared_once(field: str, student: Person) -> None:
    student.save_conversation()
    mine = CONVERSATIONS.rows([field]).for_user(student.user)
    assert mine[:2] == mine[:2] == mine[:2]
