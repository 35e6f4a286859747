// Voice practice. The server saves it; this browser only remembers which one is running.

import { call, client, persist, pause, signIn as enter } from "./demo_client.js";
import { practise } from "./demo_voice_call.js";
import { ANSWERS_ALREADY, answersOf, closeMicrophone, openMicrophone } from "./demo_voice_line.js";

const VOICE = "/accounts/voice-conversations/";
const FIELDS = "id,topic,target_language,conversation_type_display,duration_minutes,feedback_status,created_at";

// The state that the page draws, and the page's callbacks for changes and errors.
export const state = {
  me: null,
  profile: null,
  simulated: false, // a simulator on this machine answers: it hears nothing
  practice: null, // {topic, spoken, status, line, answers, turns, live, failed}
  unfinished: null, // the session of a page that was closed
  conversations: [],
  chosen: null,
  summary: null,
  progress: null,
  draw() {},
  complain() {},
  reveal() {}, // scrolls to the selected conversation
};
const draw = () => state.draw();

export async function signIn(credentials) {
  state.me = await enter(credentials);
  client
    .channel(`user:${state.me}`, { config: { private: true } })
    .on("broadcast", { event: "feedback" }, ({ payload }) => hints.get(payload.conversation)?.())
    .subscribe();
  [state.profile] = await Promise.all([persist("GET", "/accounts/users/me/"), refresh(), recall()]);
}

export async function refresh() {
  const paths = [`?limit=20&fields=${FIELDS}`, "summary/", "progress/?interval=week"];
  const answers = await Promise.all(paths.map((path) => persist("GET", VOICE + path)));
  [state.conversations, state.summary, state.progress] = answers;
  draw();
}

// ------------------------------------------------------------------------ unfinished practices

const keyOf = () => `linguaflex-practice:${state.me}`;

// Stores the id of the running session; null: none. Without storage, the server saves the practice all the same.
function remember(id) {
  try {
    if (id) localStorage.setItem(keyOf(), id);
    else localStorage.removeItem(keyOf());
  } catch {
    // full or forbidden
  }
}

function remembered() {
  try {
    return localStorage.getItem(keyOf());
  } catch {
    return null;
  }
}

// Asks the server about the session that was running when the page was closed.
async function recall() {
  const id = remembered();
  if (!id) return;
  const session = await persist("GET", `session/${id}/`).catch((error) => {
    if (error.status !== 404) throw error;
  });
  state.unfinished = session?.state === "open" ? session : null;
  if (!state.unfinished) remember(null);
  draw();
}

export async function finish({ id }) {
  await keep(await persist("POST", `session/${id}/finish/`));
}

// After the end: `conversation` is null if nobody spoke.
async function keep(conversation) {
  remember(null);
  state.unfinished = null;
  draw();
  if (!conversation) return;
  await (state.practice ? show : choose)(conversation.id); // a new practice stays on screen
  await refresh();
}

// --------------------------------------------------------------------------------- practice

export async function begin({ spoken, level, ...settings }) {
  const practice = {
    topic: settings.topic, spoken, turns: [], live: new Map(), failed: new Set(), status: "connecting…",
  };
  state.practice = practice;
  draw();
  const speaks = spoken && !state.simulated;
  try {
    practice.microphone = speaks ? await openMicrophone() : null;
  } catch (error) {
    if (state.practice === practice) state.practice = null;
    draw();
    throw error;
  }
  if (state.practice !== practice) return closeMicrophone(practice.microphone); // ended meanwhile
  practice.line = practise({ ...settings, ...(level && { level }) }, practice.microphone, pageOf(practice));
  practice.answers = answersOf(practice.line, speaks ? {} : { output_modalities: ["text"] });
}

// What a call tells the page. A practice that the user has ended before the call began is not on screen any more.
const pageOf = (practice) => ({
  opened({ id }) {
    remember(id);
    practice.status = "connected";
    practice.answers.ask(); // the tutor begins
    draw();
  },
  hear(event) {
    practice.answers.hear(event);
    hearLive(practice, event);
    draw();
  },
  turns(turns) {
    practice.turns = turns;
    draw();
  },
  problem(error) {
    // ANSWERS_ALREADY is not an error for the user: answers.hear() repeats the request.
    if (state.practice === practice && error.code !== ANSWERS_ALREADY) state.complain(error);
  },
  over(conversation) {
    if (state.practice === practice) state.practice = null;
    const kept = conversation === undefined ? recall() : keep(conversation); // undefined: it is not finished
    kept.catch(state.complain);
    draw();
  },
});

// The text of a turn while it is spoken: an event may be late, repeated or lost, so the server's turns replace it.
function hearLive({ live, failed }, { type, item_id, item, delta }) {
  if (type === "conversation.item.input_audio_transcription.failed") failed.add(item_id);
  const typed = type === "conversation.item.added" && item.role === "user" && item.content[0]?.text;
  if (typed) live.set(item.id, { role: "user", text: typed });
  if (!/(output_text|transcript|transcription)\.delta$/.test(type)) return;
  const role = type.startsWith("response.") ? "assistant" : "user";
  live.set(item_id, { role, text: (live.get(item_id)?.text ?? "") + delta });
}

// The server's turns, and after them those that it does not have yet.
export function linesOf({ turns, live, failed }) {
  const known = new Set(turns.map(({ item_id }) => item_id));
  const lines = turns.map((turn) => {
    const text = turn.text || live.get(turn.item_id)?.text || (failed.has(turn.item_id) ? "" : "…");
    return { ...turn, text };
  });
  return [...lines, ...[...live].filter(([id]) => !known.has(id)).map(([, line]) => line)];
}

export function say(text) {
  const { line, answers } = state.practice;
  const item = { type: "message", role: "user", content: [{ type: "input_text", text }] };
  line.send({ type: "conversation.item.create", item });
  answers.ask();
}

export function end() {
  const { practice } = state;
  const hasBegun = practice.status === "connected";
  Object.assign(practice, { ending: true, status: "saving…" });
  if (!hasBegun) state.practice = null;
  draw();
  practice.line?.end();
}

// --------------------------------------------------------------------------------- feedback

const hints = new Map(); // conversation id -> callback for its feedback event

export async function choose(id) {
  await show(id);
  state.reveal();
}

async function show(id) {
  state.chosen = await persist("GET", `${VOICE}${id}/`);
  draw();
  if (state.chosen.feedback_status === "queued") follow(id).catch(state.complain);
}

export async function askFeedback(id) {
  await call("POST", `${VOICE}${id}/generate_feedback/`);
  await show(id);
}

// The event may be lost, so the conversation's feedback_status is polled too.
async function follow(id) {
  for (let wait = 1_000; state.chosen?.id === id; wait = Math.min(2 * wait, 15_000)) {
    await Promise.race([pause(wait), new Promise((heard) => hints.set(id, heard))]);
    const conversation = await persist("GET", `${VOICE}${id}/`);
    if (state.chosen?.id === id) state.chosen = conversation;
    draw();
    if (conversation.feedback_status !== "queued") return refresh();
  }
}
