"""The key store fetches rarely, keeps stale keys if a fetch fails, and drops revoked keys."""

import json
import threading
from typing import Any

import pytest

from accounts.errors import KeysUnavailable
from accounts.integrations import jwks
from accounts.integrations.jwks import JwksStore
from standins.supabase import keys
from tests.fixtures.doctor import answering

KEYS, OTHERS = keys.generate(), keys.generate()


def published(by: keys.Keys) -> dict[str, Any]:
    """The key set of a project."""
    return {by.kid: jwks.parse(by.jwks()["keys"][0])}


class Clock:
    """A monotonic clock that the test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """The JWKS endpoint. Counts fetches, and fails while ``known`` is None."""

    def __init__(self) -> None:
        self.fetches = 0
        self.known: dict[str, Any] | None = published(KEYS)

    def __call__(self, url: str) -> dict[str, Any]:
        self.fetches += 1
        if self.known is None:
            raise jwks.FetchFailed("ConnectTimeout")
        return self.known


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    source = Source()
    monkeypatch.setattr(jwks, "fetch", source)
    return source


@pytest.fixture
def store(source: Source, clock: Clock) -> JwksStore:
    return JwksStore("http://127.0.0.1:1/jwks.json", clock)


def test_hundred_lookups_cost_one_fetch(store: JwksStore, source: Source) -> None:
    assert all(store.key(KEYS.kid) for _ in range(100))
    assert source.fetches == 1


def test_two_hundred_unknown_kids_cost_one_fetch_in_30_seconds(
    store: JwksStore, source: Source, clock: Clock
) -> None:
    store.key(KEYS.kid)
    clock.now += 31
    assert [store.key(f"kid-{number}") for number in range(200)] == [None] * 200
    assert source.fetches == 2
    clock.now += 29
    store.key("another")
    assert source.fetches == 2
    clock.now += 2
    store.key("another")
    assert source.fetches == 3


def test_empty_set_is_a_failed_fetch_and_is_not_fetched_again_at_once(
    store: JwksStore, source: Source
) -> None:
    source.known = {}
    for _ in range(200):
        with pytest.raises(KeysUnavailable):
            store.key("any")
    assert source.fetches == 1
    assert not store.is_ready()


@pytest.mark.parametrize("secret", ["", "legacy"])
def test_empty_set_does_not_replace_a_good_one(
    store: JwksStore, source: Source, clock: Clock, settings: Any, secret: str
) -> None:
    settings.SUPABASE_JWT_SECRET = secret
    store.key(KEYS.kid)
    source.known = {}
    clock.now += jwks.MAX_STALE_SECONDS - 1
    assert store.key(KEYS.kid)
    assert store.is_ready()
    assert source.fetches == 2
    clock.now += 2
    with pytest.raises(KeysUnavailable):
        store.key(KEYS.kid)


def test_empty_set_is_right_for_a_project_with_the_legacy_secret(
    store: JwksStore, source: Source, settings: Any
) -> None:
    settings.SUPABASE_JWT_SECRET = "legacy"
    source.known = {}
    assert store.key("any") is None
    assert store.is_ready()


def test_lookup_without_a_copy_during_an_outage_raises_after_one_fetch(
    store: JwksStore, source: Source
) -> None:
    source.known = None
    for _ in range(50):
        with pytest.raises(KeysUnavailable):
            store.key(KEYS.kid)
    assert source.fetches == 1
    assert not store.is_ready()


def test_stale_copy_is_used_for_an_hour(store: JwksStore, source: Source, clock: Clock) -> None:
    store.key(KEYS.kid)
    source.known = None
    clock.now += jwks.MAX_STALE_SECONDS - 1
    assert store.key(KEYS.kid)
    clock.now += 2
    with pytest.raises(KeysUnavailable):
        store.key(KEYS.kid)


def test_revoked_key_is_refused_after_the_next_fetch(store: JwksStore, source: Source, clock: Clock) -> None:
    store.key(KEYS.kid)
    source.known = published(OTHERS)
    assert store.key(KEYS.kid)
    clock.now += jwks.TTL_SECONDS
    assert store.key(KEYS.kid) is None


def test_new_process_refuses_a_revoked_key_at_once(store: JwksStore, source: Source, clock: Clock) -> None:
    store.key(KEYS.kid)
    source.known = published(OTHERS)
    assert JwksStore(store.url, clock).key(KEYS.kid) is None


def test_hanging_fetch_does_not_delay_threads_with_a_copy(
    store: JwksStore, source: Source, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.key(KEYS.kid)
    clock.now += jwks.TTL_SECONDS
    entered, release = threading.Event(), threading.Event()

    def hang(url: str) -> dict[str, Any]:
        entered.set()
        assert release.wait(10)
        return {}

    monkeypatch.setattr(jwks, "fetch", hang)
    thread = threading.Thread(target=store.key, args=[KEYS.kid])
    thread.start()
    assert entered.wait(10)
    assert store.key(KEYS.kid) is not None  # answered while the other thread still waits
    assert thread.is_alive()
    release.set()
    thread.join(10)


def test_parallel_first_lookups_cost_one_fetch(store: JwksStore, source: Source) -> None:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(store.key(KEYS.kid))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert all(found)
    assert source.fetches == 1


@pytest.mark.django_db(transaction=True)
def test_fetch_reads_the_stand_in_and_skips_unsupported_keys(supabase: Any) -> None:
    fetched = jwks.fetch(f"{supabase.url}/auth/v1/.well-known/jwks.json")
    assert list(fetched) == [supabase.keys.kid]
    assert jwks.parse({"kty": "unheard-of"}) is None
    assert jwks.parse("text") is None
    with pytest.raises(jwks.FetchFailed, match="HTTPStatusError"):
        jwks.fetch(f"{supabase.url}/nowhere")
    with pytest.raises(jwks.FetchFailed):
        jwks.fetch(f"{supabase.url}/outbox.json")


GOOD = KEYS.jwks()["keys"][0]
UNUSABLE = {
    "an HMAC key with the id of a good one": {"kty": "oct", "k": "c2VjcmV0", "kid": KEYS.kid, "alg": "HS256"},
    "no id": {name: value for name, value in GOOD.items() if name != "kid"},
    "an empty id": {**GOOD, "kid": ""},
    "an id that is no text": {**GOOD, "kid": [KEYS.kid]},
    "for encryption": {**GOOD, "use": "enc"},
    "another algorithm": {**GOOD, "alg": "PS256"},
    "another curve": {**GOOD, "crv": "P-384"},
    "no point of the curve": {**GOOD, "x": GOOD["y"], "y": GOOD["x"]},
    "numbers": {**GOOD, "x": 1, "y": 2},
    "kty a list": {**GOOD, "kty": []},
    "no object": [GOOD],
    "null": None,
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_unusable_key_is_left_out_and_the_others_stay_usable(name: str) -> None:
    with answering(json.dumps({"keys": [GOOD, UNUSABLE[name]]}).encode()) as url:
        assert list(jwks.fetch(url)) == [KEYS.kid]
    with answering(json.dumps({"keys": [UNUSABLE[name]]}).encode()) as url:
        assert not JwksStore(url).is_ready()
        with pytest.raises(KeysUnavailable):
            JwksStore(url).key(KEYS.kid)
