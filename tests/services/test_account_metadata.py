"""The profile in the metadata of accounts, which owners, frontends and sign-in providers write."""

from typing import Any

import pytest

from accounts.services.account_metadata import profile_of
from tests.fixtures.blank_texts import BLANK

ODD = [None, 5, 1.5, True, [], ["Ana"], {}, {"a": 1}, "", " ", "\x00", "\ud800", *BLANK]
GOOGLE = {
    "iss": "https://accounts.google.com",
    "sub": "1",
    "email": "ana@example.com",
    "email_verified": True,
    "name": "Ana López",
    "full_name": "Ana López",
    "picture": "https://example.com/a.png",
}
AZURE = {"email": "ana@example.com", "preferred_username": "ana@example.com", "custom_claims": {"tid": "1"}}
KEYCLOAK = {
    "given_name": "Ana",
    "family_name": "López",
    "preferred_username": "alopez",
    "zoneinfo": "Europe/Rome",
}


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"name": "Ana"}, "Ana"),
        ({"full_name": "Ana López"}, "Ana López"),
        ({"given_name": "Ana", "family_name": "López"}, "Ana López"),
        ({"first_name": "Ana", "last_name": "López"}, "Ana López"),
        ({"given_name": "Ana"}, "Ana"),
        ({"last_name": "López"}, "López"),
        ({"given_name": "\u3164", "family_name": "López"}, "López"),
        ({"given_name": 5, "first_name": "Ana"}, "Ana"),
        ({"display_name": "Ana"}, "Ana"),
        ({"fullName": "Ana López"}, "Ana López"),
        ({"firstName": "Ana", "lastName": "López"}, "Ana López"),
        ({"givenName": "Ana", "Family Name": "López"}, "Ana López"),
        ({"displayName": "ana", "full_name": None, "full-name": "Ana"}, "Ana"),
        ({"firstName": "Anita", "first_name": "Ana"}, "Ana"),
        ({"nickname": "ana"}, "ana"),
        ({"preferred_username": "ana"}, "ana"),
        ({"user_name": "ana"}, "ana"),
        ({"username": "@ana"}, "@ana"),
        ({"user_name": "ana", "first_name": "Ana", "full_name": "Ana López"}, "Ana López"),
        ({"name": "Ana", "full_name": "Ana López"}, "Ana"),
        ({"name": " ", "full_name": "Ana"}, "Ana"),
        ({"name": "\u200b", "full_name": ["Ana"], "display_name": "Ana"}, "Ana"),
        ({"name": " \tAna  B. "}, "Ana  B."),
        ({"name": "A\x00n\ud800a"}, "Ana"),
        ({"name": "❤️"}, "❤️"),
        ({"name": "x" * 149 + " y"}, "x" * 149),
        ({"given_name": "x" * 200, "family_name": "y"}, "x" * 150),
        ({"name": "\u200b" * 150 + "Ana", "full_name": "Ana"}, "Ana"),
        (GOOGLE, "Ana López"),
        (AZURE, ""),
        (KEYCLOAK, "Ana López"),
        ({"user_name": "ana.lopez@mail.example.com", "username": "ana"}, "ana"),
        ({"full_name": "Ana <ana@example.com>", "nickname": "ana"}, "ana"),
        ({"first_name": "ana@example.com", "last_name": "ana@example.com"}, ""),
        ({"email": "ana@example.com", "phone": "4712345"}, ""),
    ],
    ids=ascii,
)
def test_name_is_taken_from_the_first_key_with_a_visible_text(metadata: Any, name: str) -> None:
    assert profile_of(metadata).get("name", "") == name


@pytest.mark.parametrize("value", ODD, ids=ascii)
def test_value_of_another_form_is_ignored(value: Any) -> None:
    keys = ["name", "full_name", "first_name", "user_name", "role", "timezone", "zoneinfo", "native_language"]
    assert profile_of({**dict.fromkeys(keys, value), "learning_languages": value or [value]}) in (
        {},
        {"learning_languages": ["Ana"]},
    )


def test_languages_are_cut_and_blank_ones_are_left_out() -> None:
    found = profile_of({"learning_languages": ["Spanish", 7, "\u200b", "x" * 60, *["a"] * 30]})
    assert found["learning_languages"] == ["Spanish", "x" * 50, *["a"] * 18]
    assert profile_of({"native_language": " x" * 60})["native_language"] == "x " * 24 + "x"


@pytest.mark.parametrize(
    ("metadata", "zone"),
    [
        ({"timezone": "Asia/Tokyo", "zoneinfo": "Europe/Rome"}, "Asia/Tokyo"),
        ({"timezone": "Mars/Olympus", "zoneinfo": "Europe/Rome"}, "Europe/Rome"),
        ({"timezone": "UTC"}, None),  # the default
    ],
)
def test_time_zone_is_one_that_is_known(metadata: Any, zone: str | None) -> None:
    assert profile_of(metadata).get("timezone") == zone


@pytest.mark.parametrize(("role", "kept"), [("teacher", "teacher"), ("admin", None), (["teacher"], None)])
def test_role_is_student_or_teacher(role: Any, kept: str | None) -> None:
    assert profile_of({"role": role}).get("role") == kept
