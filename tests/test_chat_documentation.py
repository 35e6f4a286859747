"""docs/CHATS.md: its client runs with two users. tests/test_guides.py tests the rest of the page."""

import json

import pytest

from linguaflex.local import demo
from tests.fixtures.guides import CHATS
from tests.fixtures.programs import need_supabase_js, run_node

pytestmark = pytest.mark.django_db(transaction=True)

SCENARIO = """
const ana = await signIn("ana@example.com", PASSWORD), tomas = await signIn("tomas@example.com", PASSWORD);
const until = async (what, condition) => {
  const deadline = Date.now() + 15000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
};
const texts = (room) => [...room.messages.values()].sort((a, b) => a.seq - b.seq).map((each) => each.content);
const hers = await enter(ana, tomas.me, () => {}), his = await enter(tomas, ana.me, () => {});
const list = followChats(tomas, () => {});
const joined = (room) => room.channel.state === "joined";
await until("both are in", () => joined(hers) && joined(his) && joined(list));
const sum = () => list.chats.reduce((total, chat) => total + chat.unread_count, 0);
const listed = (text, unread) => {
  const [newest] = list.chats;
  const counted = newest?.unread_count === unread && list.unread.messages === sum();
  return counted && newest.last_message?.content === text;
};
await hers.send("one"); await his.send("two");
await until("both see both", () => texts(hers).length === 2 && texts(his).length === 2);
await until("he wrote, so he has read", () => hers.read === 2 && his.read === 1);
await until("his list has the newest message", () => listed("two", 0));
await his.type(true);
await until("she sees that he types", () => hers.typing);
await his.type(false);
await until("he stops", () => !hers.typing);
const again = crypto.randomUUID();
const first = await hers.send("three", again), repeated = await hers.send("three", again);
if (first.id !== repeated.id) throw new Error("a retry created another message");
await until("his list counts it", () => listed("three", 1));
await his.markRead(3);
await until("his list has his read mark", () => listed("three", 0));
await until("she sees his read mark", () => hers.read === 3);
await hers.correct(2, "dos", "in Spanish");
const corrected = (key) => [hers, his].map((room) => room.messages.get(2).corrections[0]?.[key]);
await until("both see the correction", () => corrected("corrected").every((text) => text === "dos"));
await call(tomas, "PATCH", `${his.chat.id}/messages/2/`, { content: "due" });
await until("it is outdated", () => corrected("outdated").every(Boolean));
for (const socket of sockets) socket.terminate();
await until("the sockets are gone", () => !joined(his) && !joined(hers) && !joined(list));
for (const text of ["four", "five", "six"]) await hers.send(text);
await call(tomas, "POST", `${his.chat.id}/read/`, { seq: 5 });
await call(ana, "PATCH", `${hers.chat.id}/messages/1/`, { content: "uno" });
await until("he has them all", () => texts(his).length === 6 && texts(his)[0] === "uno");
await until("she too", () => texts(hers).length === 6 && texts(hers)[0] === "uno");
await until("she has his read mark", () => hers.read === 5);
await until("his list too is up to date again", () => listed("six", 1));
await ana.supabase.auth.signOut({ scope: "local" });
const refused = await Promise.race([
  hers.send("seven").catch((error) => error), new Promise((late) => setTimeout(late, 2000, "repeated")),
]);
if (refused.status !== 401 || !/Sign in/.test(refused.message)) throw new Error(`signed out: ${refused}`);
console.log(JSON.stringify([texts(hers), texts(his)]));
process.exit(0);
"""


@pytest.mark.slow
def test_the_documented_client_loses_no_message(demo_url: str) -> None:
    need_supabase_js()
    client = CHATS.blocks_under("From a browser", demo_url)
    # Node has a WebSocket of its own from version 22 on.
    before = """import WebSocket from "ws"; const sockets = [];
        globalThis.WebSocket = class extends WebSocket {
          constructor(...options) { super(...options); sockets.push(this); } };"""
    script = f"{before}\n{client}\nconst PASSWORD = '{demo.PASSWORD}';\n{SCENARIO}"
    hers, his = json.loads(run_node(script))
    assert hers == his == ["uno", "due", "three", "four", "five", "six"]
