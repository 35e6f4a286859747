// For teachers: the conversations that learners share with them, live.

import { html } from "../vendor/preact.js";
import { call } from "../api.js";
import { useAction, useList, useLoad } from "../hooks.js";
import { useUserEvents } from "../live.js";
import { Avatar, Button, Card, Empty, ErrorNote, Loaded, More, Pill, Screen } from "../ui/index.js";
import { count, dayOf } from "../words.js";

const Conversation = ({ conversation }) => html`
  <a class="card" href="#/shared/${conversation.id}">
    <span class="row">
      <${Avatar} person=${conversation.learner} />
      <span>
        <b dir="auto">${conversation.topic}</b>
        <span class="soft small block">${conversation.learner.name}, shared ${dayOf(conversation.shared_at)}</span>
      </span>
    </span>
    <span class="row small">
      <${Pill} kind="good">${conversation.target_language}<//>
      <${Pill}>${conversation.conversation_type_display}<//>
      <${Pill} kind=${conversation.comments_count ? "" : "warm"}>
        ${conversation.comments_count ? count(conversation.comments_count, "comment") : "Without a comment"}
      <//>
    </span>
  </a>`;

function Declined({ learner, changed }) {
  const { run, busy, error } = useAction(async () => {
    await call("DELETE", `voice-conversations/shared/declined/${learner.id}/`);
    changed();
  });
  return html`
    <li class="row between entry">
      <span>${learner.name}</span>
      <${Button} kind="plain" small busy=${busy} onClick=${run}>Accept again<//>
      <${ErrorNote} error=${error} />
    </li>`;
}

export default function Shared() {
  const list = useList("voice-conversations/shared/");
  const declined = useLoad(() => call("GET", "voice-conversations/shared/declined/"));
  useUserEvents({ joined: list.reload, share: list.reload });
  return html`
    <${Screen} title="Shared with me" about="Conversations of learners who ask for your eye.">
      <${Loaded} of=${list} empty=${html`<${Empty} icon="share"
        title="Nothing is shared yet">A conversation appears here once a learner shares it with you.<//>`}>
        ${(conversations) => html`
          <ul class="stack" aria-label="Shared conversations">
            ${conversations.map((each) => html`<li key=${each.id}><${Conversation} conversation=${each} /></li>`)}
          </ul>
          <${More} of=${list} />`}
      <//>
      ${declined.data?.length > 0 && html`
        <${Card} title="Declined learners">
          <ul class="entries">
            ${declined.data.map(({ learner }) => html`<${Declined} key=${learner.id} learner=${learner}
              changed=${declined.reload} />`)}
          </ul>
        <//>`}
    <//>`;
}
