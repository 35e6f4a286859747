"""The learning loop over HTTP, with supabase-js in Node: from speech to cards, with every event seen live."""

import json
from typing import Any

import pytest

from tests.fixtures.guides import LEARNING, README
from tests.fixtures.programs import need_supabase_js, run_node
from tests.fixtures.voice_events import turn
from tests.fixtures.voice_sessions import OFFER, WISH

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SOCKET = 'import WebSocket from "ws"; globalThis.WebSocket ??= WebSocket;'  # Node has one from version 22 on
WALK = """
const heard = [];
const note = (name) => (event, { id, ...payload }) => heard.push([name, event, payload]);
const seen = async (name, event, condition = () => true) => {
  const deadline = Date.now() + 15000;
  const find = () => heard.find(
    ([who, what, payload]) => who === name && what === event && condition(payload));
  while (!find()) {
    if (Date.now() > deadline) throw new Error(`never: ${event} for ${name}: ${JSON.stringify(heard)}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
  return find()[2];
};
const forAna = await listen(ana, note("ana"));
await listen(tomas, note("tomas"));

// She speaks.
const session = await ana("POST", "voice-conversations/session/", WISH);
const called = await fetch(session.call_url, { method: "POST", body: OFFER,
  headers: { Authorization: `Bearer ${ana.session.access_token}`, "Content-Type": "application/sdp" } });
if (called.status !== 201) throw new Error(`the call: ${called.status}`);
await ana("POST", `voice-conversations/session/${session.id}/events/`, { events: EVENTS });
const spoken = await ana("POST", `voice-conversations/session/${session.id}/finish/`);

// The AI corrects.
await ana("POST", `voice-conversations/${spoken.id}/generate_feedback/`);
const feedback = await seen("ana", "feedback");
const [card] = await ana("GET", `cards/?source=ai&conversation=${spoken.id}`);
const reviewed = await ana("POST", `cards/${card.id}/review/`,
  { rating: "good", client_id: crypto.randomUUID() });

// A teacher corrects.
await ana("POST", `voice-conversations/${spoken.id}/shares/`, { teacher: tomas.id });
const shares = [await seen("ana", "share"), await seen("tomas", "share")];
const comment = await tomas("POST", `voice-conversations/shared/${spoken.id}/comments/`,
  { quote: QUOTE, corrected: "Quisiera dos kilos", text: "More polite." });
const commented = await seen("ana", "comment");
const [taught] = await ana("GET", `cards/?source=teacher&conversation=${spoken.id}`);

// A message is corrected.
const chat = await ana("POST", "supabase/chats/", { participant: tomas.id });
await new Promise((joined) => forAna.channel(chat.realtime.topic, { config: { private: true } })
  .on("broadcast", { event: "correction" }, ({ payload }) => note("ana")("correction", payload))
  .subscribe((status) => status === "SUBSCRIBED" && joined()));
await ana("POST", `supabase/chats/${chat.id}/messages/`, { content: "Yo soy bien." });
const correction = await tomas("POST", `supabase/chats/${chat.id}/messages/1/corrections/`,
  { corrected: "Estoy bien." });
const corrected = await seen("ana", "correction");
const [message] = await ana("GET", `supabase/chats/${chat.id}/messages/`);

// She takes the conversation back.
await ana("DELETE", `voice-conversations/${spoken.id}/shares/${tomas.id}/`);
const ended = await seen("tomas", "share", ({ state }) => state === "ended");
const refused = await tomas("GET", `voice-conversations/shared/${spoken.id}/`).catch((error) => error.status);
const summary = await ana("GET", "cards/summary/");
console.log(JSON.stringify({ spoken, feedback, card, reviewed, shares, comment, commented, taught, correction,
  corrected, message, ended, refused, summary, heard }));
process.exit(0);
"""
QUOTE = "quiero dos kilos"
SPOKEN = [*turn(1, "assistant", "¿Qué compras?"), *turn(2, "user", f"{QUOTE} de pan")]


@pytest.fixture
def walked(demo_url: str, calls: Any, worker: None) -> dict[str, Any]:
    """What a learner and a teacher have seen, who went through the whole loop."""
    need_supabase_js()
    values = {"OFFER": OFFER, "WISH": WISH, "QUOTE": QUOTE, "EVENTS": SPOKEN}
    constants = "\n".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
    guides = ((LEARNING, "Events"), (README, "Start"), (LEARNING, "Start"))
    page = "\n".join(guide.blocks_under(title, demo_url) for guide, title in guides)
    found: dict[str, Any] = json.loads(run_node(f"{SOCKET}\n{page}\n{constants}\n{WALK}"))
    return found


def test_each_event_is_seen_live_and_each_correction_is_a_card(walked: dict[str, Any]) -> None:
    """One test, because a walk takes seconds."""
    pk, corrected = walked["spoken"]["id"], walked["correction"]
    assert walked["feedback"] == {"conversation": pk, "feedback_status": "done"}
    assert walked["shares"] == [{"conversation": pk, "state": "given"}] * 2
    assert walked["commented"] == {"conversation": pk, "comment": walked["comment"]["id"]}
    assert walked["corrected"] == {"message_seq": 1, "correction": corrected["id"]}
    assert walked["ended"] == {"conversation": pk, "state": "ended"}
    assert walked["refused"] == 404
    events = sorted((who, event) for who, event, _ in walked["heard"])
    assert events == [
        ("ana", "comment"),
        ("ana", "correction"),
        ("ana", "feedback"),
        *[("ana", "share")] * 2,
        *[("tomas", "share")] * 2,
    ]

    assert walked["card"]["state"] == "new" and walked["reviewed"]["state"] == "learning"
    assert walked["taught"]["front"] == "**quiero** dos kilos"
    assert walked["taught"]["sources"] == [walked["comment"]["correction"]]
    assert [each["corrected"] for each in walked["message"]["corrections"]] == ["Estoy bien."]
    # With the card that the demo data have.
    assert {row["language_code"]: row["cards"] for row in walked["summary"]["by_language"]} == {
        "es": 3,
        "ja": 1,
    }
    assert walked["summary"]["reviews_today"] == 1
