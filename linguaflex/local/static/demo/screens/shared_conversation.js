// For teachers: one shared conversation, to comment on and to correct.

import { html, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { useLoad } from "../hooks.js";
import { useUserEvents } from "../live.js";
import { go } from "../router.js";
import { CommentForm } from "../shared/comment_form.js";
import { Dialogue, isLearner, Note } from "../ui/dialogue.js";
import { Avatar, Button, Card, Confirm, Empty, Loaded, Pill, Screen } from "../ui/index.js";
import { factsOf, labelOf } from "../words.js";

const PATH = "voice-conversations/shared/";

function Scores({ feedback }) {
  const scores = Object.entries(feedback).filter(([key, value]) => key.endsWith("_score") && value !== null);
  return html`<p class="row small">
    ${scores.map(([key, value]) => html`<${Pill} key=${key}>${labelOf(key)} ${value}<//>`)}
  </p>`;
}

// The dialog that is open: {name, comment}.
function Asked({ asked: { name, comment }, conversation, reload, onClose }) {
  const path = `${PATH}${conversation.id}/`;
  const saved = () => {
    onClose();
    reload();
  };
  const remove = async () => {
    await call("DELETE", `${path}comments/${comment.id}/`);
    await reload();
  };
  const decline = async () => {
    await call("DELETE", path);
    go("/shared");
  };
  if (name === "write") {
    return html`<${CommentForm} path="${path}comments/" comment=${comment} saved=${saved} onClose=${onClose} />`;
  }
  if (name === "remove") {
    return html`
      <${Confirm} title="Delete this comment?" label="Delete" action=${remove} onClose=${onClose}>
        Its correction is deleted, too. A card of it stays.
      <//>`;
  }
  return html`
    <${Confirm} title="Decline this learner?" label="Decline" action=${decline} onClose=${onClose}>
      The conversation closes for you, and ${conversation.learner.name} cannot share others with you until you accept
      again.
    <//>`;
}

function Page({ conversation, reload }) {
  const [asked, setAsked] = useState(null);
  const { learner, target_language_code: lang } = conversation;
  const notes = conversation.comments.map((comment) => ({ ...comment, source: "teacher" }));
  const general = notes.filter(({ turn }) => turn === null);
  const write = (comment) => setAsked({ name: "write", comment });
  const actionOf = (comment) => html`
    <${Button} icon="edit" label="Edit the comment" onClick=${() => write(comment)} />
    <${Button} icon="trash" label="Delete the comment" onClick=${() => setAsked({ name: "remove", comment })} />`;
  const after = ({ role, text }, turn) => isLearner(role) && html`
    <div>
      <${Button} kind="plain" small icon="edit" onClick=${() => write({ turn, said: text })}>Correct or comment<//>
    </div>`;
  return html`
    <div class="row between">
      <span class="row"><${Avatar} person=${learner} size="small" />${learner.name}</span>
      <${Button} kind="plain" small onClick=${() => setAsked({ name: "decline" })}>Decline<//>
    </div>
    <${Scores} feedback=${conversation.ai_feedback} />
    <${Dialogue} transcription=${conversation.transcription} lang=${lang} notes=${notes} after=${after}
      actionOf=${actionOf} />
    <${Card} title="On the whole"
      action=${html`<${Button} kind="quiet" small icon="plus" onClick=${() => write({})}>Comment<//>`}>
      ${general.length === 0 && html`<p class="soft">No comment yet.</p>`}
      ${general.map((note) => html`<${Note} key=${note.id} note=${note} lang=${lang} action=${actionOf(note)} />`)}
    <//>
    ${asked && html`<${Asked} asked=${asked} conversation=${conversation} reload=${reload}
      onClose=${() => setAsked(null)} />`}`;
}

export default function SharedConversation({ params: { id } }) {
  const state = useLoad(() => call("GET", `${PATH}${id}/`), [id]);
  const share = ({ conversation }) => String(conversation) === id && state.reload();
  useUserEvents({ joined: state.reload, share });
  const ended = state.error?.status === 404;
  const conversation = state.data;
  return html`
    <${Screen} title=${conversation?.topic ?? "Shared conversation"} lang=${conversation?.target_language_code}
      about=${conversation && factsOf(conversation)}
      action=${html`<${Button} kind="plain" icon="back" href="#/shared">All shared<//>`}>
      ${ended
        ? html`<${Empty} icon="share" title="This conversation is not open to you">The learner has taken it back.<//>`
        : html`<${Loaded} of=${state}>${(data) => html`<${Page} conversation=${data} reload=${state.reload} />`}<//>`}
    <//>`;
}
