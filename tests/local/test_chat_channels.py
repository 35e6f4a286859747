"""The Realtime policies of chats, with the unmodified clients supabase-py and supabase-js."""

import asyncio
import json
from typing import Any

import pytest
import requests

from accounts.models import User
from linguaflex.local import demo
from standins.tests.fixtures.auth import AuthApi
from standins.tests.fixtures.supabase_py import (
    CHANNEL_ERROR,
    CLOSED,
    PATIENCE,
    SUBSCRIBED,
    ReceivingChannel,
    async_client,
)
from tests.fixtures.programs import need_supabase_js, run_node
from tests.fixtures.staff import ban

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Member:
    """A demo user who is logged in."""

    def __init__(self, url: str, name: str) -> None:
        account = {"email": f"{name}@example.com", "password": demo.PASSWORD}
        session = requests.post(f"{url}/accounts/login/", json=account, timeout=PATIENCE).json()
        self.chats = f"{url}/accounts/supabase/chats/"
        self.id, self.token = session["user"]["id"], session["access_token"]
        self.refresh_token = session["refresh_token"]

    def post(self, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.post(self.chats + path, json=body, headers=headers, timeout=PATIENCE)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@pytest.fixture
def people(demo_url: str) -> tuple[Member, Member, dict[str, Any], dict[str, Any]]:
    """Ana, Tomás, their chat, and the chat of Kenji and Tomás."""
    ana, tomas, kenji = (Member(demo_url, name) for name in ("ana", "tomas", "kenji"))
    return ana, tomas, ana.post("", {"participant": tomas.id}), kenji.post("", {"participant": tomas.id})


def test_supabase_py_receives_the_messages_of_its_own_chat_and_cannot_forge_one(
    auth: AuthApi, people: Any
) -> None:
    ana, tomas, chat, other = people

    async def main() -> None:
        async with async_client(auth) as client:
            await client.realtime.set_auth(ana.token)
            await scenario(client.realtime)

    async def scenario(realtime: Any) -> None:
        own = ReceivingChannel(realtime, chat["realtime"]["topic"], presence={"key": "ana", "enabled": True})
        assert await own.subscribe() == SUBSCRIBED
        assert await ReceivingChannel(realtime, other["realtime"]["topic"]).subscribe() == CHANNEL_ERROR
        await own.channel.send_broadcast("message", {"content": "forged"})
        sent = await asyncio.to_thread(tomas.post, f"{chat['id']}/messages/", {"content": "¡Hola!"})
        received = await own.broadcast()
        assert sent.pop("corrections") == []
        assert (received["event"], received["payload"]) == ("message", {**sent, "chat": chat["id"]})
        await own.channel.track({"typing": True})
        key, (presence,) = await asyncio.wait_for(own.presences.get(), PATIENCE)
        assert (key, presence["typing"]) == ("ana", True)
        await asyncio.to_thread(ban_in_thread, ana.id)
        await realtime.set_auth(ana.token)
        await own.reaches(CLOSED)
        await asyncio.to_thread(tomas.post, f"{chat['id']}/messages/", {"content": "she is gone"})
        await asyncio.sleep(0.2)
        assert own.broadcasts.empty()

    asyncio.run(main())


def ban_in_thread(user_id: str) -> None:
    from django.db import connections

    ban(User.objects.get(pk=user_id))
    connections.close_all()


SCENARIO = """
import WebSocket from "ws"; globalThis.WebSocket = WebSocket;
import { createClient } from "@supabase/supabase-js";
const { url, key, ana, tomas, own, other } = JSON.parse(process.env.CASE ?? CASE);
const open = async (member) => {
  const client = createClient(url, key);
  await client.auth.setSession({ access_token: member.token, refresh_token: member.refresh_token });
  await client.realtime.setAuth(member.token);
  return client;
};
const hers = await open(ana), his = await open(tomas), received = [];
const join = (client, topic) => new Promise((resume) => {
  const channel = client.channel(topic, { config: { private: true, broadcast: { ack: true } } });
  channel.on("broadcast", { event: "*" }, ({ event, payload }) => received.push([event, payload]));
  channel.subscribe((status) => status !== "CLOSED" && resume([status, channel]));
});
const [joined] = await join(hers, own), [refused] = await join(hers, other);
const [, channel] = await join(his, own);
channel.send({ type: "broadcast", event: "message", payload: { content: "forged" } });
const sent = [];
for (const content of ["¡Hola!", "¿Qué tal?"]) {
  const answer = await fetch(`${tomas.chats}${own.slice(5)}/messages/`, {
    method: "POST", body: JSON.stringify({ content }),
    headers: { Authorization: `Bearer ${tomas.token}`, "Content-Type": "application/json" },
  });
  sent.push(await answer.json());
  // Each channel receives messages in order: a forged one would arrive before the second.
  while (received.length < 2 * sent.length) await new Promise((resume) => setTimeout(resume, 20));
}
console.log(JSON.stringify({ joined, refused, sent, received }));
process.exit(0);
"""


def test_supabase_js_receives_the_messages_of_its_own_chat_and_cannot_forge_one(
    auth: AuthApi, people: Any
) -> None:
    need_supabase_js()
    ana, tomas, chat, other = people
    case = {"url": auth.url, "key": auth.keys.publishable_key, "ana": vars(ana), "tomas": vars(tomas)}
    case |= {"own": chat["realtime"]["topic"], "other": other["realtime"]["topic"]}
    script = SCENARIO.replace("process.env.CASE ?? CASE", json.dumps(json.dumps(case)))
    found = json.loads(run_node(script))
    assert (found["joined"], found["refused"]) == ("SUBSCRIBED", "CHANNEL_ERROR")
    assert [sent.pop("corrections") for sent in found["sent"]] == [[], []]
    # Both users' channels receive each message once, and nothing else.
    assert found["received"] == [
        ["message", {**sent, "chat": chat["id"]}] for sent in found["sent"] for _ in "12"
    ]
