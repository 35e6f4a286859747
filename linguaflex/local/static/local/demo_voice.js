// Voice practice. The turns stay in this browser until the server has saved the conversation.

import { call, client, pause, persist, signIn as enter } from "./demo_client.js";
import { ANSWERS_ALREADY, answersOf } from "./demo_voice_line.js";
import { closeMicrophone, openCall, openMicrophone, openSocket } from "./demo_voice_line.js";
import { openSession } from "./demo_voice_session.js";
import { outstanding, turnsOf } from "./demo_voice_turns.js";

const VOICE = "/accounts/voice-conversations/";
const LAST_WORDS = 15_000; // milliseconds to wait at the end for missing transcriptions
const LOST = "The connection was lost. Your turns are kept: connect again, or end and save.";
const FIELDS = "id,topic,target_language,conversation_type_display,duration_minutes,feedback_status,created_at";

// The state that the page draws, and the page's callbacks for changes and errors.
export const state = {
  me: null,
  profile: null,
  practice: null, // {draft, spoken, before, events, microphone, line, answers, status, ending, simulated}
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
  [state.profile] = await Promise.all([persist("GET", "/accounts/users/me/"), refresh()]);
  // Drafts of ended practices that are not saved on the server.
  for (const draft of drafts().filter(({ ended }) => ended)) save(draft).catch(state.complain);
}

export async function refresh() {
  const paths = [`?limit=20&fields=${FIELDS}`, "summary/", "progress/?interval=week"];
  const answers = await Promise.all(paths.map((path) => persist("GET", VOICE + path)));
  [state.conversations, state.summary, state.progress] = answers;
  draw();
}

// ----------------------------------------------------------------------------------- drafts

const spoke = ({ turns }) => turns.some(({ role }) => role === "user");
const keyOf = ({ client_id }) => `linguaflex-practice:${state.me}:${client_id}`;
const storage = (() => { try { return localStorage; } catch { return null; } })(); // null if it is forbidden
const inMemory = new Map(); // key -> draft that could not be stored

function keep(draft) {
  const key = keyOf(draft);
  try {
    storage.setItem(key, JSON.stringify(draft));
    inMemory.delete(key);
  } catch {
    inMemory.set(key, draft);
    state.complain(new Error("This browser cannot store the practice: save it before you close the page."));
  }
}

// This user's drafts that are not saved on the server, except the current one.
export const drafts = () => [...new Set([...Object.keys(storage ?? {}), ...inMemory.keys()])]
  .filter((key) => key.startsWith(keyOf({ client_id: "" })))
  .map((key) => inMemory.get(key) ?? JSON.parse(storage.getItem(key)))
  .filter(({ client_id }) => client_id !== state.practice?.draft.client_id);

export function discard(draft) {
  storage?.removeItem(keyOf(draft));
  inMemory.delete(keyOf(draft));
  draw();
}

// Retried until the server responds. The client_id makes the request idempotent.
export async function save(draft) {
  keep({ ...draft, ended: true });
  draw();
  const { client_id, topic, target_language, native_language, conversation_type } = draft;
  const minutes = Math.min((draft.until - draft.began) / 60_000, 1440);
  const saved = await persist("POST", VOICE, {
    client_id, topic, target_language, native_language, conversation_type,
    transcription: { messages: draft.turns },
    duration_minutes: minutes, // the server rounds up
  });
  discard(draft);
  await (state.practice ? show : choose)(saved.id); // a new practice stays on screen
  await refresh();
}

// --------------------------------------------------------------------------------- practice

export async function begin({ spoken, ...settings }) {
  const now = Date.now();
  const draft = { client_id: crypto.randomUUID(), ...settings, began: now, until: now, turns: [] };
  state.practice = { draft, spoken, events: [], status: "connecting…" };
  await connect();
}

// Connects, or reconnects with the earlier turns.
export async function connect() {
  const { practice } = state;
  Object.assign(practice, { before: practice.draft.turns, events: [], status: "connecting…" });
  draw();
  const hasEnded = () => state.practice !== practice; // the user may end the practice at any time
  try {
    let micError = null; // the error if the microphone is unavailable
    practice.microphone = practice.spoken ? await openMicrophone().catch((error) => { micError = error; }) : null;
    if (hasEnded()) return closeMicrophone(practice.microphone);
    const session = await openSession(practice.draft);
    practice.simulated = session.simulated;
    if (micError && !practice.simulated) throw micError;
    const hear = (event) => hasEnded() || take(practice, event);
    const lose = () => drop(practice, new Error(LOST));
    const { microphone } = practice;
    const speaks = Boolean(microphone) && !practice.simulated;
    if (!speaks) closeMicrophone(microphone);
    const line = await (speaks ? openCall(session, microphone, hear, lose) : openSocket(session, hear, lose));
    if (hasEnded()) return line.close();
    const answers = answersOf(line, speaks ? {} : { output_modalities: ["text"] });
    Object.assign(practice, { line, answers, status: "connected" });
    if (!practice.draft.turns.length) answers.ask(); // the tutor begins
    draw();
  } catch (error) {
    closeMicrophone(practice.microphone);
    if (!hasEnded()) drop(practice, error);
  }
}

function drop(practice, error) {
  practice.line?.close();
  Object.assign(practice, { line: null, answers: null, status: "not connected" });
  // Without a turn of the learner there is nothing to save.
  if (state.practice === practice && !spoke(practice.draft)) state.practice = null;
  state.complain(error);
  draw();
}

function take(practice, event) {
  practice.answers?.hear(event);
  // ANSWERS_ALREADY is not an error for the user: answers.hear() repeats the request.
  if (event.type === "error" && event.error.code !== ANSWERS_ALREADY) state.complain(new Error(event.error.message));
  if (event.type.endsWith(".delta")) return;
  practice.events.push(event);
  practice.draft.turns = [...practice.before, ...turnsOf(practice.events)];
  practice.draft.until = Date.now();
  if (spoke(practice.draft)) keep(practice.draft);
  draw();
}

export function say(text) {
  const { practice } = state;
  const id = crypto.randomUUID().replaceAll("-", ""); // OpenAI accepts at most 32 characters
  const item = { id, type: "message", role: "user", content: [{ type: "input_text", text }] };
  take(practice, { type: "conversation.item.added", item }); // kept even if the connection drops now
  practice.line.send({ type: "conversation.item.create", item });
  practice.answers.ask();
}

export async function end() {
  const { practice } = state;
  Object.assign(practice, { answers: null, ending: true, status: "waiting for the last words…" });
  draw();
  practice.line?.mute();
  const deadline = Date.now() + LAST_WORDS;
  while (practice.line && outstanding(practice.events) && Date.now() < deadline) await pause(100);
  practice.line?.close();
  closeMicrophone(practice.microphone); // also if the connection is not open yet
  state.practice = null;
  draw();
  if (spoke(practice.draft)) await save(practice.draft);
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
