// The page of the voice practice: draws the state of demo_voice.js and calls it for the user's actions.

import { askFeedback, begin, choose, end, finish, linesOf, say, signIn, state } from "./demo_voice.js";
import { bars, scores } from "./demo_voice_charts.js";
import { SCORES, feedbackItems } from "./demo_voice_feedback.js";
import { signOut } from "./demo_client.js";
import { $, element, onSubmit } from "./demo_dom.js";
import { NO_SCORE, labelOf, problemIn, statusOf, streaksOf, timeOf } from "./demo_voice_words.js";

const complain = (error) => { $("problem").textContent = error ? problemIn(error) : ""; };
const reveal = () => $("chosen").scrollIntoView();
Object.assign(state, { draw, complain, reveal, simulated: "simulated" in $("app").dataset });

const button = (text, action) =>
  element("button", text, { type: "button", onclick: () => { complain(null); action()?.catch?.(complain); } });

function draw() {
  drawPractice();
  $("unsaved").replaceChildren(...(state.unfinished ? [unfinishedItem(state.unfinished)] : []));
  const saved = state.conversations.map(conversationItem);
  $("conversations").replaceChildren(...(saved.length ? saved : [element("li", "None yet: begin to practise.")]));
  $("chosen").hidden = !state.chosen;
  if (state.chosen) drawChosen(state.chosen);
  if (state.progress) drawProgress(state);
}

// --------------------------------------------------------------------------------- practice

function drawPractice() {
  const { practice } = state;
  $("beginning").hidden = Boolean(practice);
  $("room").hidden = !practice;
  if (!practice) return;
  $("topic").textContent = practice.topic;
  $("state").textContent = practice.status;
  $("simulated").hidden = !state.simulated;
  $("deaf").hidden = !practice.spoken;
  $("turns").replaceChildren(...linesOf(practice).map(turnItem));
  $("turns").scrollTop = $("turns").scrollHeight;
  const connected = practice.status === "connected";
  const opens = connected && $("sending").hidden;
  $("sending").hidden = !connected;
  if (opens) $("sending").text.focus();
  $("end").disabled = Boolean(practice.ending);
}

const turnItem = ({ role, text, interrupted }) => element("li", "", { className: role === "user" ? "mine" : "" },
  element("span", text || "(not understood)", { className: "text" }), element("small", interrupted ? "interrupted" : ""));

function unfinishedItem(session) {
  const item = element("li", `A practice with ${session.turns.length} turns is not finished. `);
  item.append(button("Finish and save", () => finish(session)));
  return item;
}

// ---------------------------------------------------------------------------- conversations

function conversationItem(conversation) {
  const { id, topic, target_language, conversation_type_display } = conversation;
  const choice = button(topic, () => choose(id));
  choice.classList.toggle("chosen", id === state.chosen?.id);
  const facts = [timeOf(conversation), target_language, conversation_type_display];
  choice.append(element("small", [...facts, `AI feedback: ${statusOf(conversation)}`].join(", ")));
  return element("li", "", {}, choice);
}

function drawChosen(conversation) {
  $("chosen-topic").textContent = conversation.topic;
  $("said").replaceChildren(...turnsIn(conversation.transcription).map(turnItem));
  const { feedback_status: status, feedback_error } = conversation;
  $("status").textContent = status === "failed" ? `failed: ${feedback_error}` : statusOf(conversation);
  $("ask").hidden = status === "queued";
  $("ask").textContent = status === "none" ? "Request feedback" : "Request again";
  $("ask").onclick = () => { complain(null); askFeedback(conversation.id).catch(complain); };
  $("feedback").replaceChildren(...feedbackItems(conversation));
}

// Other clients may have saved one of the other formats: segments or text.
function turnsIn(transcription) {
  const { messages, segments, full_text } = transcription;
  if (messages) return messages;
  if (segments) return segments.map(({ speaker, text }) => ({ role: speaker, text }));
  return [{ role: "", text: full_text ?? transcription }];
}

// --------------------------------------------------------------------------------- progress

function drawProgress({ progress: { series, trend }, summary }) {
  const figures = {
    conversations: summary.total_conversations,
    minutes: summary.total_duration_minutes,
    ...streaksOf(summary),
    ...Object.fromEntries(SCORES.map((key) => [labelOf(key), trendOf(summary.average_scores[key], trend[key])])),
    "to improve": summary.top_areas_for_improvement.map(({ area, count }) => `${area} (${count})`).join(", "),
    "next topics": summary.suggested_next_topics.join(", "),
  };
  const cells = Object.entries(figures).flatMap(
    ([name, value]) => [element("dt", name), element("dd", value === "" ? "none" : value)]);
  $("summary").replaceChildren(...cells);
  $("charts").replaceChildren(...(series.length ? chartsOf(series) : []));
}

const chartsOf = (series) => [
  bars("Conversations a week", series, "conversations"),
  bars("Minutes a week", series, "minutes"),
  scores("Grammar (blue) and pronunciation (orange)", series, SCORES),
];

function trendOf(average, trend) {
  if (average === null || average === undefined) return NO_SCORE;
  const change = trend?.change ?? null;
  return change === null ? String(average) : `${average} (${change < 0 ? "" : "+"}${change} in 30 days)`;
}

// ------------------------------------------------------------------------------------- page

onSubmit("sign-in", async (credentials) => {
  await signIn(credentials);
  $("me").textContent = credentials.email;
  const { native_language, learning_languages: [target_language] } = state.profile;
  for (const [name, language] of Object.entries({ native_language, target_language })) {
    if (language) $("beginning")[name].value = language;
  }
  const types = state.summary.available_conversation_types;
  const choices = types.map(({ value, label }) => element("option", label, { value }));
  $("beginning").conversation_type.replaceChildren(...choices);
  $("sign-in").hidden = true;
  $("app").hidden = false;
}, complain);
onSubmit("beginning", ({ by, ...settings }) => begin({ ...settings, spoken: by === "speaking" }), complain);
onSubmit("sending", ({ text }) => {
  if (!text.trim()) return;
  $("sending").reset();
  say(text);
}, complain);
$("end").addEventListener("click", () => { complain(null); end(); });
$("sign-out").addEventListener("click", () => signOut().finally(() => location.reload()));
