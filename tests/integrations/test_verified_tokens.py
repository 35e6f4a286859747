"""Remembered tokens: a signature is verified once, and a token ends with its ``exp`` and its key."""

import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from accounts.errors import InvalidToken, TokenExpired
from accounts.integrations import access_tokens, jwks
from accounts.integrations.verified_tokens import Verified, VerifiedTokens
from tests.fixtures.tokens import signed

pytestmark = pytest.mark.usefixtures("supabase")


@pytest.fixture(autouse=True)
def memory() -> Iterator[None]:
    """Starts and ends with an empty memory."""
    access_tokens._memory.cache_clear()
    yield
    access_tokens._memory.cache_clear()


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was verified."""
    tokens: list[str] = []
    decode = jwt.decode

    def counting(token: str, *args: Any, **options: Any) -> Any:
        tokens.append(token)
        return decode(token, *args, **options)

    monkeypatch.setattr(jwt, "decode", counting)
    return tokens


def test_a_signature_is_verified_once(verified: list[str]) -> None:
    token, other = signed(), signed()
    claims = [access_tokens.verify(text) for text in (token, token, other, token)]
    assert verified == [token, other]
    assert claims[0] == claims[1] == claims[3] != claims[2]


def test_each_signature_is_verified_if_the_memory_is_switched_off(verified: list[str], settings: Any) -> None:
    settings.SUPABASE_TOKEN_MEMORY = 0
    token = signed()
    for _ in range(3):
        access_tokens.verify(token)
    assert verified == [token] * 3


def test_a_refused_token_is_not_remembered(verified: list[str]) -> None:
    token = signed()
    changed = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    for text in (token, changed, changed):
        if text == token:
            access_tokens.verify(text)
        else:
            with pytest.raises(InvalidToken):
                access_tokens.verify(text)
    assert verified == [token, changed, changed]


def test_a_remembered_token_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed(exp=int(time.time()) - 8)  # within the clock skew of ten seconds
    access_tokens.verify(token)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 3)
    entry: Any = access_tokens._memory().get(token)
    assert not access_tokens._holds(entry)


def test_an_expired_token_is_reported_as_expired() -> None:
    token = signed(exp=int(time.time()) - 60)
    for _ in range(2):
        with pytest.raises(TokenExpired):
            access_tokens.verify(token)


def test_a_remembered_token_ends_with_its_key(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed()
    access_tokens.verify(token)
    store = jwks.store_of(settings.SUPABASE_URL)
    monkeypatch.setattr(store, "key", lambda kid: None)
    with pytest.raises(InvalidToken):
        access_tokens.verify(token)


def test_a_new_key_with_the_same_id_verifies_again(
    settings: Any, monkeypatch: pytest.MonkeyPatch, verified: list[str]
) -> None:
    token = signed()
    access_tokens.verify(token)
    found = jwks.fetch(f"{settings.SUPABASE_URL}/auth/v1/.well-known/jwks.json")
    monkeypatch.setattr(jwks.store_of(settings.SUPABASE_URL), "key", found.get)
    access_tokens.verify(token)
    access_tokens.verify(token)
    assert verified == [token, token]


def test_the_least_recently_used_token_is_forgotten_first() -> None:
    tokens = VerifiedTokens(2)
    entry = Verified(None, 0, "ES256", "1", None)
    tokens.add("a", entry)
    tokens.add("b", entry)
    assert tokens.get("a") is entry
    tokens.add("c", entry)
    assert [tokens.get(name) is entry for name in "abc"] == [True, False, True]
    assert {len(digest) for digest in tokens._entries} == {32}  # SHA-256, not the token


def test_a_long_token_is_not_remembered(verified: list[str]) -> None:
    token = signed(user_metadata={"name": "a" * access_tokens.MAX_REMEMBERED_LENGTH})
    for _ in range(2):
        access_tokens.verify(token)
    assert verified == [token] * 2
