"""The caller's profile, export and deletion of the account."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.errors import InvalidInput
from accounts.integrations import supabase_auth
from accounts.models import Message, Teacher, User, VoiceConversation, auth_sessions
from accounts.services import admin_log
from tests.fixtures.jobs import run_jobs
from tests.fixtures.people import CHATS, VOICE, Person, client_of
from tests.fixtures.staff import moderator
from tests.fixtures.tokens import REMOVED, signed

ME = "/accounts/users/me/"
KEYS = {
    "id",
    "name",
    "role",
    "profile_picture",
    "native_language",
    "learning_languages",
    "bio",
    "city",
    "country",
    "email",
    "phone_number",
    "date_of_birth",
    "timezone",
    "auto_cards",
    "desired_retention",
    "reviews_per_day",
    "is_staff",
    "teacher",
    "created_at",
    "updated_at",
}


def test_profile_has_exactly_these_keys(student: Person, teacher: Person) -> None:
    profile = student.client.get(ME).json()
    assert set(profile) == KEYS
    assert profile["teacher"] is None
    assert teacher.client.get(ME).json()["teacher"]["is_verified"] is False


def test_update_keeps_other_fields_and_derives_the_language_codes(student: Person) -> None:
    change = {
        "name": "Ana B.",
        "native_language": "svenska",
        "learning_languages": ["Español", "日本語", "es"],
        "timezone": "Pacific/Kiritimati",
        "date_of_birth": "1990-02-28",
        "bio": "",
    }
    response = student.client.patch(ME, change)
    assert response.status_code == 200
    assert {**response.json(), **change} == student.client.get(ME).json()
    user = User.objects.get(pk=student.user.pk)
    assert (user.native_language_code, user.learning_language_codes) == ("sv", ["es", "ja"])


def test_learning_settings_are_read_and_changed(student: Person) -> None:
    names = ("auto_cards", "desired_retention", "reviews_per_day")
    profile = student.client.get(ME).json()
    assert [profile[name] for name in names] == [True, 0.9, 100]
    for values in ([False, 0.7, 1], [True, 0.97, 9999]):
        change = dict(zip(names, values, strict=True))
        assert student.client.patch(ME, change).status_code == 200
        assert student.client.get(ME).json().items() >= change.items()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "CET+99"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "localtime"}, "timezone"),
        ({"timezone": "posixrules"}, "timezone"),
        ({"timezone": "Factory"}, "timezone"),
        ({"timezone": "posix/Europe/Berlin"}, "timezone"),
        ({"timezone": "right/Europe/Berlin"}, "timezone"),
        ({"timezone": "europe/berlin"}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth"),
        ({"date_of_birth": "1066-10-14"}, "date_of_birth"),
        ({"date_of_birth": "1.2.1990"}, "date_of_birth"),
        ({"learning_languages": {"a": 1}}, "learning_languages"),
        ({"learning_languages": ["x"] * 21}, "learning_languages"),
        ({"bio": "x" * 2001}, "bio"),
        ({"phone_number": "1" * 33}, "phone_number"),
        ({"auto_cards": None}, "auto_cards"),
        ({"auto_cards": "maybe"}, "auto_cards"),
        ({"auto_cards": 0}, "auto_cards"),
        ({"desired_retention": 0.69}, "desired_retention"),
        ({"desired_retention": 0.98}, "desired_retention"),
        ({"desired_retention": "nan"}, "desired_retention"),
        ({"desired_retention": None}, "desired_retention"),
        ({"desired_retention": True}, "desired_retention"),
        ({"reviews_per_day": 0}, "reviews_per_day"),
        ({"reviews_per_day": 10_000}, "reviews_per_day"),
        ({"reviews_per_day": 1.5}, "reviews_per_day"),
        ({"reviews_per_day": True}, "reviews_per_day"),
    ],
)
def test_invalid_update_names_the_field_and_changes_nothing(student: Person, change: Any, field: str) -> None:
    before = student.client.get(ME).json()
    response = student.client.patch(ME, {"city": "Malmö", **change})
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])
    assert student.client.get(ME).json() == before


def test_read_only_fields_are_ignored(student: Person) -> None:
    before = student.client.get(ME).json()
    change = {"id": 1, "email": "x@example.com", "role": "teacher", "is_staff": True, "is_superuser": True}
    response = student.client.patch(ME, {**change, "created_at": "2000-01-01T00:00:00Z"})
    assert response.status_code == 200
    assert {**response.json(), "updated_at": 0} == {**before, "updated_at": 0}
    assert not User.objects.get(pk=student.user.pk).is_superuser


def test_the_profile_and_the_export_have_no_ban(student: Person) -> None:
    admin_log.record_change(row=student.user, by=moderator(), note="Banned for ever: Spam.")
    User.objects.filter(pk=student.user.pk).update(banned_until=datetime(2020, 1, 1, tzinfo=UTC))
    for path in (ME, f"{ME}export/"):
        text = student.client.get(path).content.decode()
        assert "ban" not in text and "Spam." not in text and "2020-01-01" not in text


def test_export_contains_all_rows_of_the_caller_and_no_others(student: Person, stranger: Person) -> None:
    saved = [student.save_conversation(topic=f"Topic {number}") for number in range(3)]
    stranger.save_conversation()
    export = student.client.get(f"{ME}export/").json()
    assert export["profile"] == student.client.get(ME).json()
    assert export["voice_conversations"] == saved[::-1]


def confirm(person: Person, text: str | None = None) -> Any:
    return person.client.delete(ME, {"confirm": person.user.email if text is None else text})


def test_deletion_requires_the_callers_address(student: Person) -> None:
    for text in ("", "other@example.com"):
        response = confirm(student, text)
        assert (response.status_code, list(response.json()["errors"])) == (400, ["confirm"])
    assert student.client.get(ME).status_code == 200


def test_deletion_requires_a_recent_sign_in(make_person: Any) -> None:
    person = make_person("Eva", signed_in_at=datetime.now(UTC) - timedelta(minutes=16))
    response = confirm(person)
    assert (response.status_code, response.json()["code"]) == (403, "reauthentication_required")
    assert person.client.get(ME).status_code == 200


def token_with(person: Person, amr: Any, **changes: Any) -> Any:
    """A client with another token of the person's session, which states these methods of sign-in."""
    who = {"sub": str(person.user.pk), "session_id": str(person.session_id), "email": person.user.email}
    return client_of(signed(**who | {"amr": amr} | changes))


ODD_TIMESTAMPS = [
    0,
    -5,
    "yesterday",
    "2026-11-28T12:00:00Z",
    "",
    None,
    True,
    [],
    {},
    float("nan"),
    -(10**18),
    -(10**400),
    float("-inf"),
]
FUTURE = [
    4_000_000_000,
    "4000000000",
    1_795_000_000_000,  # milliseconds
    10**18,
    10**400,
    1e300,
    float("inf"),
    "inf",
]
ODD_AMR = [
    REMOVED,
    None,
    "password",
    5,
    {},
    ["password"],
    ["password", {"method": "totp"}],
    [None, 5, [], {"method": ["password"], "timestamp": 1}, {"timestamp": 1}],
    *([{"method": "password", "timestamp": odd}] for odd in ODD_TIMESTAMPS),
]


@pytest.mark.parametrize("amr", ODD_AMR, ids=range(len(ODD_AMR)))
@pytest.mark.parametrize(("minutes", "status"), [(14, 400), (16, 403)])
def test_sign_in_without_a_usable_time_is_as_old_as_its_session(
    make_person: Any, amr: Any, minutes: int, status: int
) -> None:
    person = make_person("Eva", signed_in_at=datetime.now(UTC) - timedelta(minutes=minutes))
    client = token_with(person, amr)
    assert client.get(ME).status_code == 200
    assert client.delete(ME, {"confirm": "another text"}).status_code == status


@pytest.mark.parametrize("timestamp", FUTURE, ids=range(len(FUTURE)))
def test_sign_in_of_the_future_is_not_a_recent_one(make_person: Any, timestamp: Any) -> None:
    person = make_person("Eva")
    good, future = ({"method": "password", "timestamp": at} for at in (int(time.time()), timestamp))
    for amr in ([future], [good, future], [future, good], [good, {**future, "method": "totp"}]):
        client = token_with(person, amr)
        assert client.get(ME).status_code == 200
        response = client.delete(ME, {"confirm": person.user.email})
        assert (response.status_code, response.json()["code"]) == (403, "reauthentication_required")
    assert token_with(person, [good]).delete(ME, {"confirm": person.user.email}).status_code == 204


@pytest.mark.parametrize("timestamp", ["{}", "{}.0", "float"])
def test_time_of_a_sign_in_may_be_a_text_or_a_fraction(make_person: Any, timestamp: str) -> None:
    person = make_person("Eva", signed_in_at=datetime.now(UTC) - timedelta(hours=1))
    now = int(time.time())
    entry = {"method": "password", "timestamp": now + 0.5 if timestamp == "float" else timestamp.format(now)}
    assert token_with(person, [entry]).delete(ME, {"confirm": "another text"}).status_code == 400


def test_refresh_of_a_token_is_not_a_recent_sign_in(make_person: Any) -> None:
    person = make_person("Eva", signed_in_at=datetime.now(UTC) - timedelta(hours=1))
    now = int(time.time())
    methods = [
        {"method": "token_refresh", "timestamp": now},
        {"method": "password", "timestamp": now - 3600},
    ]
    response = token_with(person, methods).delete(ME, {"confirm": person.user.email})
    assert (response.status_code, response.json()["code"]) == (403, "reauthentication_required")


def test_sign_in_without_a_time_is_not_recent_if_the_sessions_are_unreadable(
    student: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth_sessions, "auth_is_readable", lambda database: False)
    response = token_with(student, ["password"]).delete(ME, {"confirm": student.user.email})
    assert (response.status_code, response.json()["code"]) == (403, "reauthentication_required")


def test_account_without_an_address_is_not_deleted_by_an_empty_text(student: Person) -> None:
    User.objects.update(email="")
    client = token_with(student, ["password"], email="")
    for text in ("", " ", "\u200b", "None"):
        assert client.delete(ME, {"confirm": text}).status_code == 400
    assert client.get(ME).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
class TestDeletion:
    @pytest.mark.parametrize("form", ["{}", " {} "])
    def test_is_confirmed_by_the_id_of_an_account_without_an_address(
        self, make_person: Any, stranger: Person, form: str
    ) -> None:
        person = make_person("Eva")
        User.objects.filter(pk=person.user.pk).update(email="")
        client = token_with(person, [{"method": "sms", "timestamp": int(time.time())}], email="")
        assert client.delete(ME, {"confirm": str(stranger.user.pk)}).status_code == 400
        assert client.delete(ME, {"confirm": form.format(person.user.pk).upper()}).status_code == 204
        assert User.objects.get(pk=person.user.pk).deleted_at

    def test_removes_everything_and_revokes_the_token(self, teacher: Person, stranger: Person) -> None:
        teacher.save_conversation()
        kept = stranger.save_conversation()
        chat = stranger.open_chat(teacher)
        stranger.write(chat, "thanks")
        teacher.write(chat, "my address is ...")

        assert confirm(teacher).status_code == 204
        assert run_jobs() == []
        assert teacher.client.get(ME).status_code == 401
        assert [row["id"] for row in stranger.client.get(VOICE).json()] == [kept["id"]]
        assert VoiceConversation.objects.count() == 1
        assert not Teacher.objects.exists()
        assert list(Message.objects.order_by("seq").values_list("content", flat=True)) == ["thanks", ""]
        [seen] = stranger.client.get(CHATS).json()
        assert (seen["id"], seen["unread_count"]) == (chat["id"], 0)
        tombstone = User.objects.get(pk=teacher.user.pk)
        assert (tombstone.name, tombstone.email, tombstone.role) == ("Deleted user", "", "student")
        with connection.cursor() as cursor:
            cursor.execute("select id from auth.users")
            assert cursor.fetchall() == [(stranger.user.pk,)]

    def test_failure_does_not_stop_the_other_deletions(
        self, make_person: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        people = [make_person(name) for name in ("Ana", "Bo", "Cy")]
        for person in people:
            person.user.anonymise(at=timezone.now() - timedelta(hours=1))
        delete = supabase_auth.delete_account

        def refuse(*, user_id: Any) -> None:
            if user_id == people[1].user.pk:
                raise InvalidInput("User not allowed", code="not_admin")
            delete(user_id=user_id)

        with monkeypatch.context() as broken:
            broken.setattr(supabase_auth, "delete_account", refuse)
            call_command("finish_deletions")
        output = capfd.readouterr()
        assert output.out == "Completed 2 account deletions.\n"
        assert output.err.splitlines()[-1].startswith("1 account deletions remain: ")
        assert User.objects.get(deletion_finished_at=None).pk == people[1].user.pk
        call_command("finish_deletions")
        assert not User.objects.filter(deletion_finished_at=None).exists()
