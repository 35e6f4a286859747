"""The command ``createsuperuser``: a Supabase account and a user with all permissions."""

import getpass
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User, auth_sessions
from tests.fixtures.staff import PASSWORD, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth", "supabase")]

EMAIL = "root@example.com"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Answers the prompts of the command: the address, perhaps a question, then each password."""

    def type_in(email: str, *passwords: str, answer: str = "") -> None:
        lines, hidden = iter([email, answer]), iter(passwords)
        monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
        monkeypatch.setattr(getpass, "getpass", lambda *prompt: next(hidden))

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


def test_short_and_long_passwords_are_asked_for_again(type_in: Any) -> None:
    bad = ["short", "", "x" * 73]
    type_in(EMAIL, *(password for word in [*bad, PASSWORD] for password in (word, word)))
    errors = io.StringIO()
    call_command("createsuperuser", stdin=Terminal(), stderr=errors)
    assert errors.getvalue().count("at least 12 characters") == 2
    assert "at most 72 bytes" in errors.getvalue()
    assert signed_in(User.objects.get(email=EMAIL)).get("/admin/").status_code == 200


def test_an_invalid_address_is_asked_for_again(type_in: Any) -> None:
    type_in("nobody", PASSWORD, PASSWORD, answer=EMAIL)
    errors = io.StringIO()
    call_command("createsuperuser", stdin=Terminal(), stderr=errors)
    assert "valid email address" in errors.getvalue()
    assert User.objects.get().email == EMAIL


@pytest.mark.parametrize("has_row", [True, False])
def test_an_existing_account_becomes_a_superuser_after_a_question(
    type_in: Any, make_account: Any, has_row: bool
) -> None:
    ana = make_account("Ana")
    if not has_row:
        User.objects.all().delete()
    type_in(ana.email, answer="n")
    said = io.StringIO()
    call_command("createsuperuser", stdin=Terminal(), stdout=said)
    assert "Nothing was changed." in said.getvalue()
    assert not User.objects.filter(is_staff=True).exists()
    type_in(ana.email.upper(), answer="y")
    call_command("createsuperuser", stdin=Terminal(), stdout=said)
    assert "is a superuser now." in said.getvalue()
    user = User.objects.get()
    assert user.pk == ana.pk and user.email == ana.email
    assert signed_in(user).get("/admin/accounts/user/").status_code == 200


def test_an_existing_account_needs_an_option_without_prompts(make_account: Any) -> None:
    ana = make_account("Ana")
    with pytest.raises(CommandError, match=r"already been registered\. --existing makes"):
        call_command("createsuperuser", "--noinput", email=ana.email)
    assert not User.objects.get().is_staff
    call_command("createsuperuser", "--noinput", "--existing", email=ana.email)
    assert User.objects.get().is_superuser
    with pytest.raises(CommandError, match="no account with the confirmed address"):
        call_command("createsuperuser", "--noinput", "--existing", email="nobody@example.com")


def test_an_account_with_the_address_of_a_member_of_staff_is_refused(make_account: Any) -> None:
    ana, twin = make_account("Ana"), make_account("Twin", is_staff=True)
    User.objects.filter(pk=twin.pk).update(email=ana.email)
    with pytest.raises(CommandError, match="Another member of staff has this"):
        call_command("createsuperuser", "--noinput", "--existing", email=ana.email)
    assert not User.objects.filter(is_superuser=True).exists()


def test_an_account_whose_address_is_not_confirmed_is_refused(make_account: Any, supabase: Any) -> None:
    ana = make_account("Ana")
    with supabase.connect() as database, database.cursor() as cursor:
        cursor.execute("update auth.users set email_confirmed_at = null")
    with pytest.raises(CommandError, match="no account with the confirmed address"):
        call_command("createsuperuser", "--noinput", "--existing", email=ana.email)
    assert not User.objects.get().is_staff


def test_an_account_is_found_by_its_row_if_supabase_s_accounts_cannot_be_read(
    make_account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_account("Ana")
    monkeypatch.setattr(auth_sessions, "auth_is_readable", lambda database: False)
    call_command("createsuperuser", "--noinput", "--existing", email=ana.email)
    assert User.objects.get().is_superuser


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
