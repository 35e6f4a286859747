"""A call from the voice practice page: WebRTC, with a microphone of Chromium's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.test_demo_voice import address, expect, sign_in
from tests.browser.test_fetch import PATIENCE, chromium

__all__ = ["address"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)

FLAGS = ("--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection")
# What must be over in the end: microphones and connections.
OPENED = """
  window.microphones = [];
  window.peers = [];
  const ask = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (wishes) {
    const microphone = await ask.call(this, wishes);
    window.microphones.push(microphone);
    await window.held.microphone;
    return microphone;
  };
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...more) { super(...more); window.peers.push(this); }
  };
  window.held = {}; // promises for which a step waits
  window.hold = (step) => { window.held[step] = new Promise((go) => { window.release = go; }); };
"""
ALL_OVER = """window.microphones.length === 1
  && window.microphones.every((one) => one.getTracks().every((track) => track.readyState === "ended"))
  && window.peers.every((peer) => peer.connectionState === "closed")"""
# The tutor's end of a call, in the page itself: it hears the learner, answers in speech, and has the
# learner's words only later. What was sent to begin it is in window.offers.
TUTOR = """
  window.offers = [];
  const real = window.fetch;
  const added = (id, previous_item_id, role) => ({ type: "conversation.item.added", previous_item_id,
    item: { id, type: "message", role, content: role === "user" ? [{ type: "input_audio" }] : [] } });
  const transcription = "conversation.item.input_audio_transcription.completed";
  window.fetch = async (address, options) => {
    if (address !== "https://openai.example/v1/realtime/calls") return real(address, options);
    window.offers.push({ ...options, address });
    await window.held.call;
    window.tutor = new Peer();
    window.tutor.ondatachannel = ({ channel }) => {
      channel.onmessage = () => {
        window.asked = true;
        const send = (event) => channel.send(JSON.stringify(event));
        send({ type: "response.output_audio_transcript.done",
          item_id: "a", content_index: 0, transcript: "¡Hola!" });
        send(added("a", "b", "assistant"));
        send(added("b", null, "user"));
        const late = { type: transcription, item_id: "b", content_index: 0, transcript: "Buenos días" };
        setTimeout(() => send(late), 1500);
      };
    };
    await window.tutor.setRemoteDescription({ type: "offer", sdp: options.body });
    await window.tutor.setLocalDescription();
    while (window.tutor.iceGatheringState !== "complete") await new Promise((next) => setTimeout(next, 20));
    return new Response(window.tutor.localDescription.sdp, { status: 201 });
  };
"""


@pytest.fixture
def speaking(address: str) -> Iterator[Any]:
    """The learner's page, signed in, with a microphone and the tutor of this file."""

    def elsewhere(route: Any) -> None:
        """The session, as of a server with a key for OpenAI."""
        answer = route.fetch()
        if not answer.ok:
            return route.fulfill(response=answer)
        return route.fulfill(json=answer.json() | {"realtime_url": "https://openai.example/v1/realtime"})

    with chromium(*FLAGS) as browser:
        page = browser.new_context(permissions=["microphone"]).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.add_init_script(OPENED + TUTOR)
        page.goto(address)
        sign_in(page)
        page.route("**/session/", elsewhere)
        page.select_option("#beginning [name=by]", "speaking")
        yield page


def test_a_call_ends_when_the_last_words_are_there(speaking: Any) -> None:
    speaking.click("#beginning button")
    expect(speaking, "#turns .text", ["¡Hola!"])
    assert not speaking.is_visible("#simulated")
    speaking.click("#end")
    expect(speaking, "#said .text", ["Buenos días", "¡Hola!"])
    speaking.wait_for_function(ALL_OVER)
    (offer,) = speaking.evaluate("window.offers")
    assert offer["address"] == "https://openai.example/v1/realtime/calls"
    assert re.fullmatch(r"Bearer ek_\w+", offer["headers"]["Authorization"])
    assert offer["headers"]["Content-Type"] == "application/sdp"
    assert all(line in offer["body"] for line in ("v=0\r\n", "m=audio ", "m=application "))


@pytest.mark.parametrize(("step", "begun"), [("microphone", "microphones"), ("call", "offers")])
def test_an_end_while_it_connects_leaves_nothing_open(speaking: Any, step: str, begun: str) -> None:
    sessions: list[str] = []
    speaking.on(
        "request", lambda request: sessions.append(request.url) if "session/" in request.url else None
    )
    speaking.evaluate(f"window.hold('{step}')")
    speaking.click("#beginning button")
    speaking.wait_for_function(f"window.{begun}.length === 1")
    expect(speaking, "#state", "connecting…")
    speaking.click("#end")
    assert speaking.is_visible("#beginning")
    speaking.evaluate("window.release()")
    speaking.wait_for_function(ALL_OVER)
    speaking.wait_for_timeout(500)
    assert not speaking.evaluate("window.asked")
    assert len(sessions) == (1 if step == "call" else 0)
    assert speaking.inner_text("#problem") == ""


def test_a_session_that_is_refused_leaves_no_microphone_open(speaking: Any, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    speaking.click("#beginning button")
    expect(speaking, "#problem", re.compile("OPENAI_API_KEY"))
    speaking.wait_for_function(ALL_OVER)
