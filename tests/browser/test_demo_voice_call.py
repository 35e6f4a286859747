"""A call from the voice practice page: WebRTC, with a microphone of Chromium's own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.test_demo_voice import address, expect, sign_in
from tests.browser.test_fetch import PATIENCE, chromium

__all__ = ["address"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)

# The tutor's end of a call, in the page itself: it hears the learner, answers in speech, and has the
# learner's words only later. What was sent to begin it is in window.offers.
TUTOR = """
  window.offers = [];
  const real = window.fetch;
  const added = (id, previous_item_id, role) => ({ type: "conversation.item.added", previous_item_id,
    item: { id, type: "message", role, content: role === "user" ? [{ type: "input_audio" }] : [] } });
  const transcription = "conversation.item.input_audio_transcription.completed";
  window.fetch = async (address, options) => {
    if (!String(address).endsWith("/v1/realtime/calls")) return real(address, options);
    window.offers.push({ ...options, address });
    window.tutor = new RTCPeerConnection();
    window.tutor.ondatachannel = ({ channel }) => {
      channel.onmessage = () => {
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


def test_a_call_ends_when_the_last_words_are_there(address: str) -> None:
    def elsewhere(route: Any) -> None:
        """The session, as of a server with a key for OpenAI."""
        session = route.fetch().json() | {"realtime_url": "https://openai.example/v1/realtime"}
        route.fulfill(json=session)

    flags = ("--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection")
    with chromium(*flags) as browser:
        page = browser.new_context(permissions=["microphone"]).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.add_init_script(TUTOR)
        page.goto(address)
        sign_in(page)
        page.route("**/session/", elsewhere)
        page.select_option("#beginning [name=by]", "speaking")
        page.click("#beginning button")
        expect(page, "#turns .text", ["¡Hola!"])
        assert not page.is_visible("#simulated")
        page.click("#end")
        expect(page, "#said .text", ["Buenos días", "¡Hola!"])
        (offer,) = page.evaluate("window.offers")
        assert offer["address"] == "https://openai.example/v1/realtime/calls"
        assert re.fullmatch(r"Bearer ek_\w+", offer["headers"]["Authorization"])
        assert offer["headers"]["Content-Type"] == "application/sdp"
        assert all(line in offer["body"] for line in ("v=0\r\n", "m=audio ", "m=application "))
