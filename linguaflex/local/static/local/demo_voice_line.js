// Two connections to the tutor, both with Realtime events: WebSocket for typing, WebRTC for speaking.
// Each resolves to {send, mute, close}. hear(event) is called for each event, lose() for a lost connection.

const UNREACHABLE = "The tutor cannot be reached: the secret may have expired. Connect again.";
export const ANSWERS_ALREADY = "conversation_already_has_active_response";

// Requests one response of the tutor at a time, because OpenAI refuses a second one. All turns during a
// response get one common response after it. hear(event) must be called for every server event.
export function answersOf(line, response) {
  const id = "answer"; // event_id of the request; an error event repeats it
  let [underWay, wanted] = [false, false];
  const ask = () => {
    wanted = underWay;
    if (!underWay) line.send({ type: "response.create", event_id: id, response });
    underWay = true;
  };
  const hear = ({ type, error, response: heard }) => {
    if (heard?.conversation_id === null) return; // OpenAI allows several responses outside of the conversation
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
    // An invalid secret is reported as an event: the first event says whether the session exists.
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

// Called before a secret is requested, because the secret may expire before the user allows the microphone.
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
    // Silence is still sent, so that OpenAI detects the end of the last sentence.
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
