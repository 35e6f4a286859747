"""The demo member of staff: a random password per data folder, and a button that signs in on this machine."""

import os
import stat
import subprocess
import sys
from ast import literal_eval
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.models.bans import FOREVER
from linguaflex.local import demo
from linguaflex.local.demo import staff
from tests.admin.test_login import REFUSAL, refusals
from tests.fixtures.environments import HOSTED, ROOT
from tests.fixtures.staff import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SIGN_IN = "/admin/demo-staff/"
OTHER_MACHINES = ["192.168.1.20", "2001:db8::1", "::ffff:192.168.1.20", ""]


@pytest.fixture
def member(demo_url: str, tmp_path: Path, settings: Any) -> User:
    """The demo member of staff in a new data folder."""
    settings.LINGUAFLEX_DATA_DIR = tmp_path
    staff.add()
    return User.objects.get(email=staff.EMAIL)


def is_in(client: Client) -> bool:
    """Whether the client has an admin session."""
    return bool(client.get("/admin/").status_code == 200)


def test_one_button_opens_the_admin(member: User) -> None:
    client = Client()
    answer = client.post(SIGN_IN)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert is_in(client)
    assert client.get("/admin/").context["user"] == member


def test_the_password_opens_the_login_page_too(member: User) -> None:
    client = Client()
    enter(client, staff.EMAIL, demo.PASSWORD)
    assert not is_in(client)
    enter(client, staff.EMAIL, staff.password())
    assert is_in(client)


def test_only_the_owner_reads_the_file_of_the_password(member: User) -> None:
    file = settings.LINGUAFLEX_DATA_DIR / staff.FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(staff.password()) == 16


def test_another_data_folder_has_another_password(member: User, tmp_path: Path, settings: Any) -> None:
    first = staff.password()
    settings.LINGUAFLEX_DATA_DIR = tmp_path / "other"
    settings.LINGUAFLEX_DATA_DIR.mkdir()
    staff.add()
    assert staff.password() != first
    old, new = Client(), Client()
    enter(old, staff.EMAIL, first)
    enter(new, staff.EMAIL, staff.password())
    assert (is_in(old), is_in(new)) == (False, True)


def test_a_further_start_keeps_password_and_ban(member: User) -> None:
    User.objects.filter(pk=member.pk).update(banned_until=FOREVER)
    before = staff.password()
    staff.add()
    assert staff.password() == before
    assert User.objects.get(pk=member.pk).banned_until == FOREVER


def test_a_banned_member_gets_the_login_page_without_the_password(member: User) -> None:
    User.objects.filter(pk=member.pk).update(banned_until=FOREVER)
    client = Client()
    page = client.post(SIGN_IN)
    assert refusals(page) == [REFUSAL]
    assert staff.password() not in page.content.decode()
    assert not is_in(client)


def test_a_dismissed_member_stays_out(member: User) -> None:
    User.objects.filter(pk=member.pk).update(is_superuser=False, is_staff=False)
    client = Client()
    assert client.post(SIGN_IN).status_code == 404
    assert not is_in(client)


def test_a_form_of_another_site_signs_nobody_in(member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(SIGN_IN).status_code == 403
    assert not is_in(client)


def test_a_database_of_other_people_gets_no_member_of_staff(
    make_account: Callable[..., User], tmp_path: Path, settings: Any
) -> None:
    settings.LINGUAFLEX_DATA_DIR = tmp_path
    make_account("Ana")
    staff.add()
    assert not staff.exists()
    assert Client().post(SIGN_IN).status_code == 404


def test_a_learner_with_the_address_is_not_taken_over(
    make_account: Callable[..., User], tmp_path: Path, settings: Any
) -> None:
    settings.LINGUAFLEX_DATA_DIR = tmp_path
    User.objects.filter(pk=make_account("Ana").pk).update(email=staff.EMAIL)
    staff.add()
    assert not staff.exists()


@pytest.mark.parametrize("address", OTHER_MACHINES)
@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", SIGN_IN])
def test_other_machines_are_refused_the_admin(path: str, address: str) -> None:
    headers = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    answer = Client(headers=headers).post(path, REMOTE_ADDR=address)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_this_machine_reaches_the_admin_by_every_loopback_address(address: str) -> None:
    assert Client().get("/admin/login/", REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize(
    ("variables", "found"),
    [({}, {"admin/demo-staff/", "demo/"}), (HOSTED | {"LINGUAFLEX_ENV": "local"}, set()), (HOSTED, set())],
)
def test_the_sign_in_exists_only_with_the_stand_in(
    variables: dict[str, str], found: set[str], tmp_path: Path
) -> None:
    """A hosted project, also with LINGUAFLEX_ENV=local, has neither the demo nor its member of staff."""
    lines = [
        "import django; django.setup()",
        "from django.urls import get_resolver",
        "print(sorted({str(each.pattern) for each in get_resolver().url_patterns}))",
    ]
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "linguaflex.settings", **variables}
    environment["LINGUAFLEX_DATA_DIR"] = str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", "; ".join(lines)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    paths = set(literal_eval(done.stdout))
    assert "health/" in paths
    assert {"admin/demo-staff/", "demo/"} & paths == found
