"""The command ``createsuperuser``: a Supabase account and a user with all permissions."""

import getpass
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from tests.fixtures.staff import PASSWORD, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth", "supabase")]

EMAIL = "root@example.com"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Answers the prompts of the command: the address, then each password."""

    def type_in(email: str, *passwords: str) -> None:
        answers = iter(passwords)
        monkeypatch.setattr("builtins.input", lambda prompt: email)
        monkeypatch.setattr(getpass, "getpass", lambda *prompt: next(answers))

    return type_in


def test_account_without_prompts_leads_to_a_working_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", email=EMAIL)
    user = User.objects.get(email=EMAIL)
    assert user.is_superuser and not user.has_usable_password()
    assert signed_in(user).get("/admin/accounts/user/").status_code == 200


def test_account_of_the_prompts_leads_to_a_working_login(type_in: Any) -> None:
    type_in(EMAIL, PASSWORD, "a typo", PASSWORD, PASSWORD)
    errors = io.StringIO()
    call_command("createsuperuser", stdin=Terminal(), stderr=errors)
    assert "passwords didn't match" in errors.getvalue()
    assert signed_in(User.objects.get(email=EMAIL)).get("/admin/").status_code == 200


def test_invalid_address_is_refused_before_any_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="valid email address"):
        call_command("createsuperuser", "--noinput", email="nobody")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "at least 12 characters"),
        ("a", "at least 12 characters"),
        ("11character", "at least 12 characters"),
        ("x" * 73, "at most 72 bytes"),
        ("é" * 37, "at most 72 bytes"),
    ],
)
def test_short_or_long_password_is_refused_before_any_request(
    monkeypatch: pytest.MonkeyPatch, settings: Any, password: str, sentence: str
) -> None:
    settings.SUPABASE_URL = "http://127.0.0.1:1"
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    with pytest.raises(CommandError, match=sentence):
        call_command("createsuperuser", "--noinput", email=EMAIL)


@pytest.mark.parametrize("password", ["12characters", "x" * 72, "é" * 36])
def test_password_of_12_characters_and_72_bytes_is_accepted(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    call_command("createsuperuser", "--noinput", email=EMAIL)
    assert User.objects.get().is_superuser


@pytest.mark.parametrize("key", ["sb_secret_of_another_project", "publishable"])
def test_refused_key_is_named_and_creates_no_user(
    monkeypatch: pytest.MonkeyPatch, settings: Any, key: str
) -> None:
    settings.SUPABASE_SECRET_KEY = settings.SUPABASE_PUBLISHABLE_KEY if key == "publishable" else key
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="SUPABASE_SECRET_KEY is not accepted"):
        call_command("createsuperuser", "--noinput", email=EMAIL)
    assert not User.objects.exists()


def test_second_superuser_with_the_same_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", email=EMAIL)
    with pytest.raises(CommandError, match="already been registered"):
        call_command("createsuperuser", "--noinput", email=EMAIL)
    assert User.objects.count() == 1
