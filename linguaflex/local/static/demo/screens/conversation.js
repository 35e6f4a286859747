// A conversation: what was said, the corrections of the AI and of teachers, and with whom it is shared.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { useAction, useLoad } from "../hooks.js";
import { useUserEvents } from "../live.js";
import { practising } from "../practice/practice.js";
import { go } from "../router.js";
import { useStore } from "../store.js";
import { Button, Card, Confirm, ErrorNote, Loaded, Loading, Screen, toast } from "../ui/index.js";
import { Dialogue, Note, place, turnsIn } from "../ui/dialogue.js";
import { Feedback, mergedFeedback } from "../ui/feedback.js";
import { count, factsOf } from "../words.js";
import { Sharing } from "./sharing.js";

const read = async (id) => {
  const own = `voice-conversations/${id}/`;
  const paths = [own, `${own}comments/`, `cards/?conversation=${id}&limit=200`];
  const [conversation, comments, cards] = await Promise.all(paths.map((path) => call("GET", path)));
  return { conversation, comments, cards };
};

// The AI's corrections and the teachers' comments in one shape.
function notesOf({ conversation, comments }) {
  const corrections = conversation.generated_feedback?.corrections ?? [];
  const ai = corrections.map(({ quote, corrected, explanation }, index) =>
    ({ id: `ai${index}`, source: "ai", quote, corrected, text: explanation }));
  const teachers = comments.map((comment) => ({ ...comment, source: "teacher" }));
  return place([...ai, ...teachers], turnsIn(conversation.transcription));
}

// The event may be lost, so the conversation is read again in growing intervals while its feedback is queued.
function usePolling(queued, reload) {
  useEffect(() => {
    if (!queued) return undefined;
    let [wait, timer] = [1_000, null];
    const next = () => {
      timer = setTimeout(() => reload().then(next), wait);
      wait = Math.min(2 * wait, 15_000);
    };
    next();
    return () => clearTimeout(timer);
  }, [queued]);
}

function FeedbackCard({ conversation, reload }) {
  const { id, feedback_status: status, feedback_error } = conversation;
  const request = useAction(async () => {
    await call("POST", `voice-conversations/${id}/generate_feedback/`);
    await reload();
  });
  const feedback = mergedFeedback(conversation);
  const label = { none: "Get feedback", done: "Renew the feedback", failed: "Try again" }[status];
  usePolling(status === "queued", reload);
  return html`
    <${Card} title="Feedback" class="feedback-card">
      <div class="stack">
        <p class="only-spoken" role="status">${`Feedback: ${status}`}</p>
        ${status === "failed" && html`<${ErrorNote} error=${{ message: feedback_error }} />`}
        <${ErrorNote} error=${request.error} />
        ${status === "queued" && html`
          <p>The AI tutor reads your conversation…</p>
          <${Loading} label="The feedback is written" />`}
        ${Object.keys(feedback).length > 0
          ? html`<${Feedback} feedback=${feedback} />`
          : status === "none" && html`
            <p class="soft">The AI tutor can judge your grammar and correct your sentences.</p>`}
        ${label && html`<div><${Button} kind=${status === "none" ? "" : "quiet"} icon="spark" busy=${request.busy}
          onClick=${request.run}>${label}<//></div>`}
      </div>
    <//>`;
}

function Comments({ notes, remove }) {
  const general = notes.filter((note) => note.turn === null);
  return html`
    <${Card} title="Comments">
      ${general.length === 0 && html`<p class="soft">Comments on the whole conversation appear here at once.</p>`}
      <ul class="stack">
        ${general.map((note) => html`<li key=${note.id}><${Note} note=${note} action=${remove(note)} /></li>`)}
      </ul>
    <//>`;
}

function Conversation({ data, reload, removed }) {
  const { conversation, cards } = data;
  const [removing, setRemoving] = useState(null); // the question that is open: {title, path, done}
  const notes = notesOf(data);
  const removeComment = (note) => note.source === "teacher" && html`
    <${Button} kind="plain" icon="trash" label="Delete the comment" onClick=${() => setRemoving({
      title: "Delete this comment?",
      path: `voice-conversations/${conversation.id}/comments/${note.id}/`,
      done: reload,
    })} />`;
  const removeAll = () => setRemoving({
    title: "Delete this conversation?",
    path: `voice-conversations/${conversation.id}/`,
    all: true,
    done() {
      toast("The conversation is deleted.");
      go("/history");
    },
  });
  const due = cards.filter((card) => new Date(card.due_at) <= Date.now()).length;
  return html`
    <div class="columns">
      <div class="stack">
        <${Dialogue} transcription=${conversation.transcription} lang=${conversation.target_language_code}
          notes=${notes} actionOf=${removeComment} />
        ${cards.length > 0 && html`
          <div class="note cards-made">
            <p>${count(cards.length, "card comes", "cards come")} from this conversation, ${due} due now.</p>
            <${Button} small icon="cards" href="#/review">Review<//>
          </div>`}
      </div>
      <div class="stack">
        <${FeedbackCard} conversation=${conversation} reload=${reload} />
        <${Sharing} conversation=${conversation} removed=${removed} />
        <${Comments} notes=${notes} remove=${removeComment} />
        <div><${Button} kind="danger" small icon="trash" onClick=${removeAll}>Delete the conversation<//></div>
      </div>
    </div>
    ${removing && html`
      <${Confirm} title=${removing.title} label="Delete" onClose=${() => setRemoving(null)}
        action=${async () => {
          removed.current = Boolean(removing.all); // the events of the deletion are no reason to read it again
          await call("DELETE", removing.path).catch((error) => {
            removed.current = false;
            throw error;
          });
          await removing.done();
        }}>The cards that come from it remain.<//>`}`;
}

export default function ConversationScreen({ params }) {
  const state = useLoad(() => read(params.id), [params.id]);
  const removed = useRef(false);
  const update = ({ conversation: id }) => String(id) === params.id && !removed.current && state.reload();
  useUserEvents({ feedback: update, comment: update, joined: () => !removed.current && state.reload() });
  const { ended } = useStore(practising);
  const conversation = state.data?.conversation;
  return html`
    <${Screen} title=${conversation?.topic ?? "Conversation"} lang=${conversation?.target_language_code}
      about=${conversation && factsOf(conversation)}>
      ${String(ended?.id) === params.id && html`<${ErrorNote} error=${ended.error} />`}
      <${Loaded} of=${state}>${(data) => html`<${Conversation} data=${data} reload=${state.reload} removed=${removed} />`}<//>
    <//>`;
}
