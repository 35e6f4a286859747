"""Access tokens fill the empty fields of a profile, and overwrite nothing."""

from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.fixtures.people import Person, client_of
from tests.fixtures.threads import at_once
from tests.fixtures.tokens import claims

ME = "/accounts/users/me/"
FULL = {
    "full_name": "Ana López",
    "native_language": "español",
    "learning_languages": ["English"],
    "timezone": "Europe/Madrid",
}
FILLED = {**{name: FULL[name] for name in FULL if name != "full_name"}, "name": "Ana López"}


def holding(person: Person, metadata: Any, **changes: Any) -> Any:
    """A client with a later token of the person's session, with this metadata."""
    who = {"sub": str(person.user.pk), "session_id": str(person.session_id), "email": person.user.email}
    content = claims(**{**who, "user_metadata": metadata, **changes})
    keys = settings.SUPABASE_KEYS
    # PyJWT escapes lone surrogates, so that a token can contain them.
    return client_of(jwt.encode(content, keys.private_key, algorithm="ES256", headers={"kid": keys.kid}))


def profile(client: Any) -> dict[str, Any]:
    """The profile, without the fields that no token fills."""
    answer = client.get(ME)
    assert answer.status_code == 200, answer.content
    return {name: answer.json()[name] for name in FILLED}


@pytest.fixture
def nameless(make_person: Any) -> Person:
    """A user without a name, languages and time zone."""
    person: Person = make_person("Ana")
    User.objects.filter(pk=person.user.pk).update(name="")
    return person


def test_later_token_fills_every_empty_field_and_its_derived_columns(nameless: Person) -> None:
    assert profile(holding(nameless, {}))["name"] == ""
    assert profile(holding(nameless, FULL)) == FILLED
    user = User.objects.get(pk=nameless.user.pk)
    assert (user.native_language_code, user.learning_language_codes) == ("es", ["en"])
    assert list(User.objects.mentioning("lopez")) == [user]


def test_later_token_overwrites_nothing(nameless: Person) -> None:
    profile(holding(nameless, FULL))
    others = {"name": "Eva", "native_language": "fr", "learning_languages": ["de"], "timezone": "Asia/Tokyo"}
    assert profile(holding(nameless, others)) == FILLED


def test_invisible_name_is_filled(nameless: Person) -> None:
    User.objects.update(name="\u3164")
    assert profile(holding(nameless, FULL))["name"] == "Ana López"


def test_field_that_the_owner_has_emptied_is_not_filled_again(nameless: Person) -> None:
    client = holding(nameless, FULL)
    emptied = {"native_language": "", "learning_languages": [], "timezone": "UTC"}
    assert client.patch(ME, emptied).status_code == 200
    assert profile(client) == {**FILLED, **emptied}
    assert client.patch(ME, {"name": ""}).status_code == 400


def test_form_with_unchanged_empty_fields_empties_nothing(nameless: Person) -> None:
    assert holding(nameless, {}).patch(ME, {"native_language": "", "timezone": "UTC"}).status_code == 200
    assert profile(holding(nameless, FULL)) == FILLED


@pytest.mark.django_db(transaction=True)
def test_name_that_staff_have_emptied_is_not_filled_again(boss: Client, nameless: Person) -> None:
    profile(holding(nameless, FULL))
    address = f"/admin/accounts/user/{nameless.user.pk}/change/"
    assert boss.post(address, {"name": "", "timezone": "UTC"}).status_code == 302
    assert profile(holding(nameless, FULL))["name"] == ""


def test_token_without_news_costs_no_query(nameless: Person, django_assert_num_queries: Any) -> None:
    for metadata in ({}, {"name": "\u200b", "timezone": "UTC", "native_language": 5}):
        with django_assert_num_queries(1):
            profile(holding(nameless, metadata))
    profile(holding(nameless, FULL))
    with django_assert_num_queries(1):
        profile(holding(nameless, FULL))


@pytest.mark.parametrize(
    "metadata",
    [
        {"name": "A\x00n\ud800a", "native_language": "\x00", "learning_languages": ["\ud800", "a\x00"]},
        {"name": "x" * 1000, "learning_languages": ["y" * 60] * 25, "role": {}},
        {"name": {"first": "Ana"}, "learning_languages": {"a": 1}, "timezone": [], "zoneinfo": 5},
        ["name"],
        "Ana",
        5,
        None,
    ],
    ids=range(7),
)
@pytest.mark.parametrize("known", [True, False])
def test_odd_metadata_cause_no_error(nameless: Person, metadata: Any, known: bool) -> None:
    if not known:
        User.objects.filter(pk=nameless.user.pk).delete()
    profile(holding(nameless, metadata))


@pytest.mark.parametrize("email", ["a\x00@example.com", "\ud800@example.com"], ids=ascii)
def test_token_with_an_address_that_cannot_be_stored_is_refused(student: Person, email: str) -> None:
    assert holding(student, {}, email=email).get(ME).status_code == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_name_written_by_the_owner_in_parallel_is_kept(nameless: Person) -> None:
    """One request changes the name, the others fill it."""
    for _ in range(5):
        User.objects.update(name="")

        def send(number: int) -> int:
            client = holding(nameless, {"name": "Filled"})
            answer = client.get(ME) if number else client.patch(ME, {"name": "Chosen"})
            return int(answer.status_code)

        assert at_once(4, send) == [200] * 4
        assert User.objects.get().name == "Chosen"
