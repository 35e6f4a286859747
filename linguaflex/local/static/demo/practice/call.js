import { call, pause, persist } from "../api.js";

const LOST = new Error("The call has ended: the connection was lost, or the time is over.");

// The first events that fit into a request. Requests that outlive their page may have 64 KB together.
const batchOf = (events, bytes = 0) =>
  events.filter((event, index) => (bytes += new Blob([JSON.stringify(event)]).size) < 30_000 || index === 0);

// Begins a call: practise(wish, await navigator.mediaDevices.getUserMedia({ audio: true }), page). The server makes
// the turns from its events, and saves them. Without a microphone (null), the learner types.
export function practise(wish, microphone, page) {
  const [peer, tracks, pending] = [new RTCPeerConnection(), microphone?.getTracks() ?? [], new Set()];
  const channel = peer.createDataChannel("oai-events");
  let session, timer, sending, ending, unsent = []; // unsent: events without an answer of the server

  const report = () => sending ??= (async () => {
    for (let batch; (batch = batchOf(unsent)).length; unsent = unsent.slice(batch.length)) {
      page.turns((await persist("POST", session.events_url, { events: batch })).turns);
    }
  })().finally(() => { sending = null; });

  // The end waits for what is pending: the transcription of a spoken turn, by its id, and the answer to each turn.
  const expect = (type, id = "answer") =>
    /speech_started$|committed$|^response.created?$/.test(type) && pending.add(id).add("answer");

  const hear = ({ data }) => {
    const event = JSON.parse(data), { type, item_id, error, response } = event;
    expect(type, item_id);
    if (/transcription.(completed|failed)$|^response.done$|^error$/.test(type)) pending.delete(item_id ?? "answer");
    if (type === "error") page.problem(error);
    const why = /failed|incomplete/.test(response?.status) && (response.status_details ?? {});
    if (why && why.reason !== "turn_detected") page.problem(why.error ?? new Error(`Answer cut: ${why.reason}`));
    if (!type.endsWith(".delta")) unsent.push(event);
    if (/^response.done$|item.done$|transcription.(completed|failed)$/.test(type)) report().catch(end);
    page.hear(event);
  };

  const open = async () => {
    session = await call("POST", "/accounts/voice-conversations/session/", wish);
    peer.addTransceiver(tracks[0] ?? "audio"); // OpenAI requires audio
    peer.ontrack = ({ track }) => Object.assign(new Audio(), { autoplay: true, srcObject: new MediaStream([track]) });
    peer.onconnectionstatechange = () => { // a connection may recover
      clearTimeout(timer);
      timer = setTimeout(() => /^(disconnected|failed)$/.test(peer.connectionState) && end(LOST), 5_000);
    };
    Object.assign(channel, { onopen: () => page.opened(session), onclose: () => end(LOST), onmessage: hear });
    await peer.setLocalDescription();
    const sdp = await call("POST", session.call_url, peer.localDescription.sdp, { signal: AbortSignal.timeout(15_000) });
    await peer.setRemoteDescription({ type: "answer", sdp });
  };

  const finish = async (error) => {
    if (error) page.problem(error);
    for (const track of tracks) track.enabled = false; // silence ends the last sentence
    for (let tries = 0; !error && pending.size && tries < 150; tries += 1) await pause(100); // the last words
    for (const track of tracks) track.stop();
    peer.close();
    if (!session) await opening;
    await report().catch(() => {});
    return session && persist("POST", `/accounts/voice-conversations/session/${session.id}/finish/`);
  };

  const end = (error) => ending ??= finish(error).catch(page.problem).then(page.over);
  const opening = open().catch((error) => { end(error); });
  addEventListener("pagehide", () => {
    for (let rest = unsent; rest.length; rest = rest.slice(batchOf(rest).length))
      call("POST", session.events_url, { events: batchOf(rest) }, { keepalive: true }).catch(() => {});
  });
  return { send: (event) => { channel.send(JSON.stringify(event)); expect(event.type); }, end: () => end() };
}
