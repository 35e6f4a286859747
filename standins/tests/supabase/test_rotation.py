"""Rotation of the signing key: the command, the running server, and Django's key store."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.core.management import CommandError, call_command

from accounts.integrations.jwks import TTL_SECONDS, JwksStore
from standins.supabase import key_file
from standins.supabase.keys import Keys
from standins.tests.fixtures.auth import AuthApi, refusal, serve

pytestmark = pytest.mark.usefixtures("no_accounts")


@dataclass
class Clock:
    """A monotonic clock that the test advances."""

    now: float = 1000

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def directory(tmp_path: Path, settings: Any) -> Path:
    """The data directory of the command."""
    settings.LINGUAFLEX_DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def running(directory: Path, auth: AuthApi) -> Iterator[AuthApi]:
    """A server over the keys of ``directory``."""
    keys = key_file.load_or_create(directory)
    with serve(auth.connect, keys, load_keys=partial(key_file.load_or_create, directory)) as running:
        yield running


def kids(auth: AuthApi) -> list[str]:
    return [key["kid"] for key in auth.call("GET", "/.well-known/jwks.json").json()["keys"]]


def kid_of(session: dict[str, Any]) -> str:
    return str(jwt.get_unverified_header(session["access_token"])["kid"])


def reads_user(auth: AuthApi, session: dict[str, Any]) -> int:
    return auth.call("GET", "/user", token=session["access_token"]).status_code


def test_a_running_server_signs_with_the_new_key_and_verifies_with_both(running: AuthApi) -> None:
    before = running.sign_up()
    call_command("rotate_supabase_keys", verbosity=0)
    assert kids(running) == [kids(running)[0], kid_of(before)] and len(set(kids(running))) == 2
    after = running.refresh(before["refresh_token"]).json()
    assert kid_of(after) == kids(running)[0]
    assert reads_user(running, before) == reads_user(running, after) == 200
    # The API keys stay the same.
    assert running.admin("DELETE", f"/admin/users/{before['user']['id']}", {}).status_code == 200


def test_a_revocation_ends_the_tokens_of_every_previous_key(running: AuthApi) -> None:
    sessions = [running.sign_up()]
    for _ in range(2):
        call_command("rotate_supabase_keys", verbosity=0)
        sessions.append(running.sign_in().json())
    assert kids(running) == [kid_of(session) for session in reversed(sessions)]
    call_command("rotate_supabase_keys", "--revoke", verbosity=0)
    assert kids(running) == [kid_of(sessions[-1])]
    assert [reads_user(running, session) for session in sessions] == [403, 403, 200]
    old = running.call("GET", "/user", token=sessions[0]["access_token"])
    assert refusal(old) == (403, "bad_jwt")


def test_django_fetches_new_keys_and_drops_revoked_ones(running: AuthApi) -> None:
    clock = Clock()
    store = JwksStore(f"{running.url}/auth/v1/.well-known/jwks.json", clock)
    old = kid_of(running.sign_up())
    assert store.key(old)
    call_command("rotate_supabase_keys", verbosity=0)
    new = kid_of(running.sign_in().json())
    assert store.key(new) is None
    clock.now += 31
    assert store.key(new) and store.key(old)
    call_command("rotate_supabase_keys", "--revoke", verbosity=0)
    assert store.key(old)
    clock.now += TTL_SECONDS
    assert store.key(old) is None and store.key(new)


def test_concurrent_rotations_are_all_kept_in_a_private_file(directory: Path) -> None:
    first = key_file.load_or_create(directory)
    with ThreadPoolExecutor(8) as pool:
        rotated = list(pool.map(lambda _: key_file.change(directory, Keys.rotated), range(8)))
    (file,) = directory.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    found = key_file.load_or_create(directory)
    assert len(found.previous) == 8 and list(found.previous)[-1] == first.kid
    assert {each.kid for each in rotated} | {first.kid} == set(found.verifiers)
    assert found.secret_key == first.secret_key
    assert found.verify(first.sign({"sub": "1", "exp": 2**33}))["sub"] == "1"


def test_the_command_refuses_to_rotate_keys_of_a_hosted_project(settings: Any) -> None:
    settings.SUPABASE_STAND_IN = False
    with pytest.raises(CommandError, match="JWT Keys"):
        call_command("rotate_supabase_keys")
