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


def test_refusal_of_supabase_is_a_sentence_and_creates_no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "short")
    with pytest.raises(CommandError, match="Password should be at least 6 characters"):
        call_command("createsuperuser", "--noinput", email=EMAIL)
    assert not User.objects.exists()


def test_second_superuser_with_the_same_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", email=EMAIL)
    with pytest.raises(CommandError, match="already been registered"):
        call_command("createsuperuser", "--noinput", email=EMAIL)
    assert User.objects.count() == 1
