// The practice that runs. The server saves it; this browser only remembers which one it is. It goes on while the user
// looks at another screen.

import { persist } from "../api.js";
import { createStore } from "../store.js";
import { SITE, session } from "../session.js";
import { practise } from "./call.js";
import { ANSWERS_ALREADY, answersOf, closeMicrophone, openMicrophone } from "./line.js";

// practice: {topic, language, spoken, status, line, answers, turns, live, failed}. unfinished: the session of a page
// that was closed. saved: the conversation that was just saved, which the practice screen then opens. ended: its id, and
// the error that ended the call.
const NOTHING = { practice: null, unfinished: null, error: null, saved: null, ended: null };
export const practising = createStore(NOTHING);

const draw = () => practising.update({});
const current = () => practising.get().practice;
const complain = (error) => practising.update({ error });
export const clearError = () => complain(null);

// ------------------------------------------------------------------------ unfinished practices

const keyOf = () => `linguaflex-practice:${session.get().profile.id}`;

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
export async function recall() {
  const id = remembered();
  if (!id || current()) return;
  const found = await persist("GET", `voice-conversations/session/${id}/`).catch((error) => {
    if (error.status !== 404) throw error;
  });
  const unfinished = found?.state === "open" && !current() ? found : null;
  practising.update({ unfinished });
  if (!unfinished && !current()) remember(null);
}

export async function finishUnfinished() {
  const { id } = practising.get().unfinished;
  keep(await persist("POST", `voice-conversations/session/${id}/finish/`));
}

// After the end: `conversation` is null if nobody spoke.
function keep(conversation) {
  remember(null);
  const ended = conversation && { id: conversation.id, error: practising.get().error };
  practising.update({ unfinished: null, saved: conversation, ended, ...(ended && { error: null }) });
}

// --------------------------------------------------------------------------------- practice

export async function begin({ level, ...settings }, spoken) {
  const practice = {
    topic: settings.topic,
    language: settings.target_language,
    spoken,
    status: "connecting…",
    turns: [],
    live: new Map(), // item_id -> a turn while it is spoken
    failed: new Set(), // the item_id of turns without a transcription
  };
  practising.set({ ...NOTHING, practice });
  const speaks = spoken && !SITE.simulated; // the simulator hears nothing
  try {
    practice.microphone = speaks ? await openMicrophone() : null;
  } catch (error) {
    if (current() === practice) practising.update({ practice: null, error });
    return;
  }
  if (current() !== practice) return closeMicrophone(practice.microphone); // ended meanwhile
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
    if (current() === practice && error.code !== ANSWERS_ALREADY) complain(error);
  },
  over(conversation) {
    const isCurrent = current() === practice;
    if (isCurrent) practising.update({ practice: null });
    if (!session.get().profile) return;
    if (conversation === undefined) recall().catch(complain); // it is not finished
    else if (isCurrent) keep(conversation);
    else if (!current()) remember(null);
  },
});

// The text of a turn while it is spoken: an event may be late, repeated or lost, so the server's turns replace it.
function hearLive({ live, failed }, { type, item_id, item, delta }) {
  if (type === "conversation.item.input_audio_transcription.failed") failed.add(item_id);
  const typed = type === "conversation.item.added" && item.role === "user" && item.content[0]?.text;
  if (typed) live.set(item.id, { role: "user", text: typed, item_id: item.id });
  if (!/(output_text|transcript|transcription)\.delta$/.test(type)) return;
  const role = type.startsWith("response.") ? "assistant" : "user";
  live.set(item_id, { role, text: (live.get(item_id)?.text ?? "") + delta, item_id });
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
  const { line, answers } = current();
  const item = { type: "message", role: "user", content: [{ type: "input_text", text }] };
  line.send({ type: "conversation.item.create", item });
  answers.ask();
}

export function end() {
  const practice = current();
  const hasBegun = practice.status === "connected";
  Object.assign(practice, { ending: true, status: "saving…" });
  practising.update({ practice: hasBegun ? practice : null, error: null });
  practice.line?.end();
}

// The practice of a user who has signed out is not shown to the next one; the server saves it.
session.subscribe(({ status }) => {
  if (status !== "out") return;
  const practice = current();
  practising.set(NOTHING);
  if (practice) closeMicrophone(practice.microphone);
  practice?.line?.end();
});
