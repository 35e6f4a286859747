// The list of chats, and the search for a person to write to.

import { html, useState } from "../vendor/preact.js";
import { call, withParameters } from "../api.js";
import { useAction, useList } from "../hooks.js";
import { go } from "../router.js";
import { useProfile } from "../session.js";
import {
  Avatar, Button, Dialog, Empty, ErrorNote, Field, Loaded, More, submitted,
} from "../ui/index.js";
import { clockOf, dayOf } from "../words.js";
import { useChats } from "./list_store.js";
import { CHATS } from "./room_store.js";

const whenOf = (instant) => (dayOf(instant) === "today" ? clockOf(instant) : dayOf(instant));

function excerptOf({ last_message: last }, me) {
  if (!last) return "No messages yet";
  if (last.deleted_at) return last.removed_by_staff ? "Removed by staff" : "Deleted";
  return last.sender === me ? `You: ${last.content}` : last.content;
}

function Row({ chat, me, current }) {
  const peer = chat.participants.find(({ id }) => id !== me);
  const unread = chat.unread_count;
  return html`
    <li>
      <a class="chat-row" href="#/chats/${chat.id}" aria-current=${current ? "page" : undefined}>
        <${Avatar} person=${peer} />
        <span class="who"><b>${peer.name}</b><span class="excerpt soft small"
          dir="auto">${excerptOf(chat, me)}</span></span>
        <span class="when soft small">${chat.last_message && whenOf(chat.last_message.created_at)}
          ${unread > 0 && html`<span class="badge">${unread}<span class="only-spoken"> unread</span></span>`}</span>
      </a>
    </li>`;
}

function People({ search, choose, me, busy }) {
  const list = useList(withParameters("users/", { search, limit: 20 }));
  return html`
    <${Loaded} of=${list}>
      ${(people) => html`
        <ul class="stack">
          ${people.filter(({ id }) => id !== me).map((person) => html`
            <li key=${person.id}>
              <button type="button" class="person" disabled=${busy} onClick=${() => choose(person.id)}>
                <${Avatar} person=${person} />
                <span><b>${person.name}</b><span
                  class="soft small">${person.learning_languages.join(", ")}</span></span>
              </button>
            </li>`)}
        </ul>
        ${people.length === 0 && html`<p class="soft">Nobody has this name.</p>`}
        <${More} of=${list} />`}
    <//>`;
}

function NewChat({ onClose }) {
  const { id: me } = useProfile();
  const [search, setSearch] = useState("");
  const { run, busy, error } = useAction(async (participant) => {
    go(`/chats/${(await call("POST", CHATS, { participant })).id}`);
    onClose();
  });
  return html`
    <${Dialog} title="Write to" onClose=${onClose}>
      <div class="stack">
        <form class="row search" role="search" onSubmit=${submitted((fields) => setSearch(fields.search))}>
          <${Field} label="Name or place" name="search" type="search" autofocus />
          <${Button} kind="quiet" type="submit" icon="search" label="Search" />
        </form>
        <${ErrorNote} error=${error} />
        <${People} search=${search} choose=${run} me=${me} busy=${busy} />
      </div>
    <//>`;
}

export function ChatList({ current }) {
  const { id: me } = useProfile();
  const list = useChats();
  const [searching, setSearching] = useState(false);
  return html`
    <section class="chat-list stack" aria-label="Chats">
      <div><${Button} kind="quiet" icon="plus" onClick=${() => setSearching(true)}>New chat<//></div>
      <${Loaded} of=${list} empty=${html`<${Empty} icon="chat"
        title="No chats yet">Write to a teacher, or to another learner.<//>`}>
        ${(chats) => html`
          <ul>${chats.map((chat) => html`<${Row} key=${chat.id} chat=${chat} me=${me}
            current=${chat.id === current} />`)}</ul>
          <${More} of=${list} />`}
      <//>
      ${searching && html`<${NewChat} onClose=${() => setSearching(false)} />`}
    </section>`;
}
