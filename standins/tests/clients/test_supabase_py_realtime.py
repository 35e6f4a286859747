"""The unmodified asynchronous Realtime client of supabase-py (protocol 1.0.0) against the stand-in."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from supabase import AsyncClient

from standins.supabase import server
from standins.supabase.config import Config
from standins.tests.fixtures.auth import SITE_URL, STORAGE_DIR, AuthApi
from standins.tests.fixtures.realtime import add_member, send_from_database
from standins.tests.fixtures.supabase_py import (
    CHANNEL_ERROR,
    CLOSED,
    PATIENCE,
    SUBSCRIBED,
    ReceivingChannel,
    async_client,
)

pytestmark = pytest.mark.usefixtures("rooms")


def run(auth: AuthApi, scenario: Callable[[AsyncClient], Awaitable[None]]) -> None:
    """Runs the scenario with a client of ana, a member of room:1, chat:1 and open:1."""

    async def main() -> None:
        async with async_client(auth) as client:
            answer = await client.auth.sign_up({"email": "ana@example.com", "password": "secret1"})
            assert answer.session
            for topic in ("room:1", "chat:1", "open:1"):
                add_member(auth, topic, {"user": {"id": answer.user.id}, "access_token": ""})
            await client.realtime.set_auth(answer.session.access_token)
            await scenario(client)

    asyncio.run(main())


def test_member_receives_each_row_of_the_database_once(auth: AuthApi) -> None:
    async def scenario(client: AsyncClient) -> None:
        own, other = (ReceivingChannel(client.realtime, topic) for topic in ("room:1", "room:2"))
        assert await own.subscribe() == SUBSCRIBED
        assert await other.subscribe() == CHANNEL_ERROR
        for size in (1, 100 * 1024):
            payload = {"id": size, "text": "é" * size}
            await asyncio.to_thread(send_from_database, auth, "room:1", payload)
            heard = await own.broadcast()
            assert (heard["event"], heard["payload"]) == ("message", payload)
            assert heard["meta"]["id"]
        assert own.broadcasts.empty()

    run(auth, scenario)


def test_member_shows_presence_and_may_broadcast_typing_only(auth: AuthApi) -> None:
    async def scenario(client: AsyncClient) -> None:
        present = {"presence": {"key": "ana", "enabled": True}}
        own = ReceivingChannel(client.realtime, "room:1", **present)
        assert await own.subscribe() == SUBSCRIBED
        await own.channel.track({"typing": True})
        key, (presence,) = await asyncio.wait_for(own.presences.get(), PATIENCE)
        assert (key, presence["typing"]) == ("ana", True) and presence["presence_ref"]
        assert list(own.channel.presence_state()) == ["ana"]
        await own.channel.untrack()
        assert await asyncio.wait_for(own.presences.get(), PATIENCE) == ("ana", None)
        chat = ReceivingChannel(client.realtime, "chat:1", broadcast={"ack": True, "self": True})
        assert await chat.subscribe() == SUBSCRIBED
        for event in ("message", "typing"):
            await chat.channel.send_broadcast(event, {"of": event})
        assert (await chat.broadcast())["payload"] == {"of": "typing"}
        assert chat.broadcasts.empty()

    run(auth, scenario)


def test_next_token_keeps_the_channel_of_a_member_only(auth: AuthApi) -> None:
    async def scenario(client: AsyncClient) -> None:
        own = ReceivingChannel(client.realtime, "room:1")
        await own.subscribe()
        for is_member in (True, False):
            await asyncio.sleep(1.1)  # tokens issued in one second are equal
            if not is_member:
                await asyncio.to_thread(auth.sql, "delete from rooms.members")
            answer = await client.auth.refresh_session()
            assert answer.session
            await client.realtime.set_auth(answer.session.access_token)
            if is_member:
                await asyncio.to_thread(send_from_database, auth, "room:1", {"n": 1})
                assert (await own.broadcast())["payload"]["n"] == 1
        await own.reaches(CLOSED)
        assert own.states == [SUBSCRIBED, CHANNEL_ERROR, CLOSED]
        await asyncio.to_thread(send_from_database, auth, "room:1", {"n": 2})
        await asyncio.sleep(0.2)
        assert own.broadcasts.empty()

    run(auth, scenario)


# The client reads deprecated attributes of the exception.
@pytest.mark.filterwarnings("ignore:ConnectionClosed.(code|reason) is deprecated")
def test_client_reconnects_after_a_lost_socket(auth: AuthApi) -> None:
    socket = server.bind(0)
    port = socket.getsockname()[1]
    config = Config(
        url=f"http://127.0.0.1:{port}",
        site_url=SITE_URL,
        storage_dir=STORAGE_DIR,
        load_keys=lambda: auth.keys,
        connect=auth.connect,
        print_mails=False,
        max_idle=0,
    )
    running = [server.StandIn(config)]
    running[0].start(socket)

    async def scenario(client: AsyncClient) -> None:
        own = ReceivingChannel(client.realtime, "room:1")
        await own.subscribe()
        await asyncio.to_thread(running.pop().stop)
        running.append(server.StandIn(config))
        running[0].start(server.bind(port))
        await own.reaches(SUBSCRIBED, after=1)
        await asyncio.to_thread(send_from_database, auth, "room:1", {"n": 1})
        assert (await own.broadcast())["payload"]["n"] == 1

    try:
        run(AuthApi(config.url, auth.keys, auth.connect), scenario)
    finally:
        running[0].stop()


def test_heartbeats_have_replies(auth: AuthApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="realtime")

    async def scenario(client: AsyncClient) -> None:
        await ReceivingChannel(client.realtime, "room:1").subscribe()
        await asyncio.sleep(0.2)

    run(auth, scenario)
    log = [record.getMessage() for record in caplog.records]
    assert any('"event":"heartbeat"' in line for line in log)
    answers = [line for line in log if "receive" in line and '"topic":"phoenix"' in line]
    assert answers and all('"status":"ok"' in line for line in answers)
    assert not [line for line in log if "Unrecognized" in line]
