"""The key store fetches rarely, keeps stale keys if a fetch fails, and drops revoked keys."""

import threading
from typing import Any

import pytest

from accounts.errors import KeysUnavailable
from accounts.integrations import jwks
from accounts.integrations.jwks import JwksStore
from standins.supabase import keys

KEYS = keys.generate()


class Clock:
    """A monotonic clock that the test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """The JWKS endpoint. Counts fetches, and fails while ``known`` is None."""

    def __init__(self) -> None:
        self.fetches = 0
        self.known: dict[str, Any] | None = {KEYS.kid: jwks.parse(KEYS.jwks()["keys"][0])}

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


def test_empty_set_is_not_fetched_again_at_once(store: JwksStore, source: Source, clock: Clock) -> None:
    source.known = {}
    assert [store.key("any") for _ in range(200)] == [None] * 200
    assert source.fetches == 1


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
    source.known = {}
    assert store.key(KEYS.kid)
    clock.now += jwks.TTL_SECONDS
    assert store.key(KEYS.kid) is None


def test_new_process_refuses_a_revoked_key_at_once(store: JwksStore, source: Source, clock: Clock) -> None:
    store.key(KEYS.kid)
    source.known = {}
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
