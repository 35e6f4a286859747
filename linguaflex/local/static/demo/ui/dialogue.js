// A conversation: its turns, with the mistakes marked in their place and the corrections below them, the AI's beside
// the teacher's. Import it from a screen that loads styles/dialogue.css.

import { html } from "../vendor/preact.js";
import { Avatar, Said } from "./basics.js";
import { Icon } from "./icons.js";

// The turns of a transcription: [{role, text, interrupted}]. Clients save messages, segments or a text; the index of a
// turn counts the messages, then the segments.
export function turnsIn(transcription) {
  const { messages = [], segments = [], full_text } = transcription;
  const turns = [
    ...messages.map((each) => ({ ...each, text: each.text ?? contentOf(each.content) })),
    ...segments.map(({ speaker, text }) => ({ role: speaker, text })),
  ];
  return turns.length ? turns : [{ role: "", text: full_text ?? transcription }];
}

// OpenAI's content: a text, or parts with a text or a transcript.
const contentOf = (content) =>
  (Array.isArray(content) ? content.map(({ text, transcript }) => text ?? transcript ?? "").join(" ") : content ?? "");

export const isLearner = (role) => /^(user|student|learner|human)$/i.test(role);

// Adds to each note {turn, quote, corrected, text, source, author} the index of its turn: its own one, or that of the
// first turn with the quote, by preference of the learner. Without a quote it is a note on the whole conversation.
export function place(notes, turns) {
  return notes.map((note) => {
    if (note.turn !== null && note.turn !== undefined) return note;
    const has = ({ text }) => note.quote && text.includes(note.quote);
    const own = turns.findIndex((turn) => isLearner(turn.role) && has(turn));
    const index = own >= 0 ? own : turns.findIndex(has);
    return { ...note, turn: index >= 0 ? index : null };
  });
}

// The parts of a text between the ends of its quotes: [{text, sources}].
export function partsOf(text, notes) {
  const spans = notes
    .map(({ quote, source }) => ({ source, from: quote ? text.indexOf(quote) : -1, length: quote?.length }))
    .filter(({ from }) => from >= 0)
    .map(({ source, from, length }) => ({ source, from, to: from + length }));
  const cuts = [...new Set([0, text.length, ...spans.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => {
    const start = cuts[index];
    const covering = spans.filter(({ from, to }) => from <= start && end <= to);
    return { text: text.slice(start, end), sources: [...new Set(covering.map(({ source }) => source))] };
  });
}

const Marked = ({ text, notes }) => partsOf(text, notes).map(({ text: part, sources }) =>
  (sources.length ? html`<mark class=${sources.join(" ")}>${part}</mark>` : part));

export function Note({ note, lang, action }) {
  const { quote, corrected, text, source, author } = note;
  return html`
    <div class="correction ${source}">
      <p class="by">
        ${source === "ai"
          ? html`<${Icon} name="spark" />AI tutor`
          : html`<${Avatar} person=${author} />${author?.name ?? "Former teacher"}`}
        ${action}
      </p>
      ${corrected && html`
        <p><${Said} lang=${lang} as="del">${quote}<//> → <${Said} lang=${lang} as="ins">${corrected}<//></p>`}
      ${!corrected && quote && html`<p><${Said} lang=${lang} as="q">${quote}<//></p>`}
      ${text && html`<p class="small"><${Said}>${text}<//></p>`}
    </div>`;
}

function Notes({ notes, lang, actionOf }) {
  const item = (note) => html`
    <li key=${note.id}><${Note} note=${note} lang=${lang} action=${actionOf?.(note)} /></li>`;
  const columns = ["ai", "teacher"].map((source) => notes.filter((note) => note.source === source));
  const filled = columns.filter((column) => column.length);
  return html`<div class="notes">${filled.map((column) => html`<ul>${column.map(item)}</ul>`)}</div>`;
}

// `notes` are placed. `after(turn, index)` and `actionOf(note)` add controls below a turn and to a note.
export function Dialogue({ transcription, lang, notes, after, actionOf }) {
  const placed = (index) => notes.filter((note) => note.turn === index);
  return html`
    <ol class="turns">
      ${turnsIn(transcription).map((turn, index) => html`
        <li key=${index} class="turn ${isLearner(turn.role) ? "mine" : ""}">
          ${!/^(user|assistant)$/.test(turn.role) && turn.role && html`<span class="speaker">${turn.role}</span>`}
          <div class="bubble">
            <${Said} as="p" lang=${lang} class="text">
              ${turn.text ? html`<${Marked} text=${turn.text} notes=${placed(index)} />` : "(not understood)"}
            <//>
          </div>
          ${turn.interrupted && html`<small>interrupted</small>`}
          ${placed(index).length > 0 && html`<${Notes} notes=${placed(index)} lang=${lang} actionOf=${actionOf} />`}
          ${after?.(turn, index)}
        </li>`)}
    </ol>`;
}
