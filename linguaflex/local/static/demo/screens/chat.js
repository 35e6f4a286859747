// One chat, live: messages, typing, corrections, read marks.

import { html, useEffect, useReducer, useState } from "../vendor/preact.js";
import { CorrectionForm, Composer, EditForm } from "../chat/forms.js";
import { ChatList } from "../chat/list.js";
import { Messages } from "../chat/messages.js";
import { roomOf } from "../chat/room_store.js";
import { supabase } from "../client.js";
import { useAction } from "../hooks.js";
import { ReportButton, ReportForm } from "../parts/report.js";
import { useProfile } from "../session.js";
import { Avatar, Button, Confirm, ErrorNote, Loading, Screen } from "../ui/index.js";

// The room of a chat, joined as long as the screen is open.
function useRoom(id) {
  const { id: me } = useProfile();
  const [room, setRoom] = useState(null);
  const [error, setError] = useState(null);
  const [, changed] = useReducer((number) => number + 1, 0);
  useEffect(() => {
    let closed = false;
    let entered = null;
    roomOf(id, me).then((found) => {
      if (closed) return;
      entered = found;
      found.enter(supabase, { changed, failed: setError });
      setRoom(found);
    }, setError);
    const read = () => entered && entered.run(entered.markRead());
    document.addEventListener("visibilitychange", read);
    return () => {
      closed = true;
      document.removeEventListener("visibilitychange", read);
      entered?.leave(supabase);
    };
  }, [id, me]);
  return { room, error };
}

function Head({ room }) {
  const [asking, setAsking] = useState(false);
  const { run, busy, error } = useAction(() => room.block(false));
  const blocked = room.chat.blocked_by_me;
  return html`
    <header class="row between">
      <span class="row">
        <${Avatar} person=${room.peer} size="small" />
        <span class="small soft" role="status">${room.connected ? "connected" : "connecting…"}</span>
        ${room.peer.role === "teacher" && html`<a class="small" href="#/teachers/${room.peer.id}">Offer</a>`}
      </span>
      <span class="row">
        <${ReportButton} kind="user" id=${room.peer.id} />
        ${blocked ? html`<${Button} kind="plain" small busy=${busy} onClick=${run}>Unblock<//>`
          : html`<${Button} kind="plain" small onClick=${() => setAsking(true)}>Block<//>`}
      </span>
    </header>
    <${ErrorNote} error=${error} />
    ${asking && html`
      <${Confirm} title="Block ${room.peer.name}?" label="Block" action=${() => room.block(true)}
        onClose=${() => setAsking(false)}>
        Neither of you can write here until you unblock the chat.
      <//>`}`;
}

// The dialog of the action that was chosen for a message.
function Chosen({ room, action: [name, message], onClose }) {
  if (name === "Edit") return html`<${EditForm} room=${room} message=${message} onClose=${onClose} />`;
  if (name === "Correct") return html`<${CorrectionForm} room=${room} message=${message} onClose=${onClose} />`;
  if (name === "Report") return html`<${ReportForm} kind="message" id=${message.id} onClose=${onClose} />`;
  return html`
    <${Confirm} title="Delete this message?" label="Delete" action=${() => room.remove(message.seq)}
      onClose=${onClose}>
      ${room.peer.name} will not see it any more.
    <//>`;
}

function Room({ room }) {
  const [action, setAction] = useState(null);
  const typing = room.typing?.ofPeer;
  return html`
    <section class="room card" aria-label="Chat with ${room.peer.name}">
      <${Head} room=${room} />
      ${room.loaded ? html`<${Messages} room=${room}
        act=${(...chosen) => setAction(chosen)} />` : html`<${Loading} />`}
      <p class="typing small soft" role="status">${typing ? `${room.peer.name} is typing…` : ""}</p>
      ${room.chat.blocked_by_me ? html`<p class="note">You have blocked this chat.</p>` : html`<${Composer}
        room=${room} />`}
      ${action && html`<${Chosen} room=${room} action=${action} onClose=${() => setAction(null)} />`}
    </section>`;
}

export default function Chat({ params: { id } }) {
  const { room, error } = useRoom(id);
  return html`
    <${Screen} title=${room?.peer.name ?? "Chat"} class="chats one"
      action=${html`<span class="narrow-only"><${Button} kind="plain" icon="back" href="#/chats">All chats<//></span>`}>
      <div class="panes">
        <div class="wide-only"><${ChatList} current=${id} /></div>
        <div class="stack">
          <${ErrorNote} error=${error} />
          ${room ? html`<${Room} room=${room} />` : !error && html`<${Loading} />`}
        </div>
      </div>
    <//>`;
}
