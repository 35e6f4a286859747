// Two connections to the tutor, both with Realtime events: WebSocket for typing, WebRTC for speaking.
// Each resolves to {send, mute, close}. It calls hear(event) for each event and lose() when it drops.

const UNREACHABLE = "The tutor cannot be reached: the secret may be over. Connect again.";
export const ANSWERS_ALREADY = "conversation_already_has_active_response";

// Requests the tutor's responses one at a time, because OpenAI refuses a second one. Everything said
// meanwhile gets one common response. hear(event) must be called for every server event.
export function answersOf(line, response) {
  const id = "answer"; // the id of the client event, which an error names
  let [underWay, wanted] = [false, false];
  const ask = () => {
    wanted = underWay;
    if (!underWay) line.send({ type: "response.create", event_id: id, response });
    underWay = true;
  };
  const hear = ({ type, error }) => {
    const refused = type === "error" && error.event_id === id;
    if (type === "response.created") underWay = true; // also a response that the learner's voice triggered
    if (refused && error.code === ANSWERS_ALREADY) wanted = true;
    else if (refused || type === "response.done") {
      underWay = false;
      if (wanted) ask();
    }
  };
  return { ask, hear };
}

export function openSocket({ client_secret, model, realtime_url }, hear, lose) {
  const address = `${realtime_url.replace(/^http/, "ws")}?model=${encodeURIComponent(model)}`;
  const socket = new WebSocket(address, ["realtime", `openai-insecure-api-key.${client_secret}`]);
  const close = () => { socket.onclose = null; socket.close(); };
  return new Promise((opened, failed) => {
    socket.onclose = () => failed(new Error(UNREACHABLE));
    // A wrong secret is also reported by an event, so the connection is open once the session is created.
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "error") return failed(new Error(event.error.message));
      socket.onclose = lose;
      socket.onmessage = (next) => hear(JSON.parse(next.data));
      hear(event);
      opened({ send: (sent) => socket.send(JSON.stringify(sent)), mute() {}, close });
    };
  });
}

// Called before a secret is requested: the user may answer the browser's question after it has expired.
export async function openMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    const denied = error.name === "NotAllowedError";
    throw new Error(`${denied ? "The microphone is not allowed" : "There is no microphone"}: practise by typing.`);
  }
}

export const closeMicrophone = (microphone) => microphone?.getTracks().forEach((track) => track.stop());

export async function openCall({ client_secret, realtime_url }, microphone, hear, lose) {
  const peer = new RTCPeerConnection();
  const close = () => { peer.close(); closeMicrophone(microphone); };
  try {
    const channel = listen(peer, microphone, hear);
    await peer.setLocalDescription();
    const headers = { Authorization: `Bearer ${client_secret}`, "Content-Type": "application/sdp" };
    const answer = await fetch(`${realtime_url}/calls`, { method: "POST", headers, body: peer.localDescription.sdp });
    if (!answer.ok) throw new Error(UNREACHABLE);
    await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    await opening(channel, peer);
    channel.onclose = lose;
    peer.onconnectionstatechange = () => peer.connectionState === "failed" && lose();
    const send = (event) => channel.send(JSON.stringify(event));
    // Silence is sent too: it lets the turn detection end the last sentence.
    const mute = () => microphone.getTracks().forEach((track) => { track.enabled = false; });
    return { send, mute, close: () => { channel.onclose = null; close(); } };
  } catch (error) {
    close();
    throw error;
  }
}

function listen(peer, microphone, hear) {
  const speaker = Object.assign(new Audio(), { autoplay: true });
  peer.ontrack = ({ streams }) => { [speaker.srcObject] = streams; };
  microphone.getTracks().forEach((track) => peer.addTrack(track, microphone));
  const channel = peer.createDataChannel("oai-events");
  channel.onmessage = ({ data }) => hear(JSON.parse(data));
  return channel;
}

const opening = (channel, peer) => new Promise((opened, failed) => {
  channel.onopen = opened;
  peer.onconnectionstatechange = () => peer.connectionState === "failed" && failed(new Error(UNREACHABLE));
});
