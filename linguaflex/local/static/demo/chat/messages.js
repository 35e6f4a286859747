// The messages of a chat: bubbles with corrections, marks and actions.

import { html, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { useAction } from "../hooks.js";
import { Button, ErrorNote, Said } from "../ui/index.js";
import { clockOf, dayOf, problemIn } from "../words.js";

const NEAR_PIXELS = 120; // a reader this far from the end follows new messages

const Corrections = ({ message }) => message.corrections.map((correction) => html`
  <div class="correction" key=${correction.id}>
    <p><span class="only-spoken">Corrected: </span><${Said}>${correction.corrected}<//></p>
    ${correction.explanation && html`<p class="small soft" dir="auto">${correction.explanation}</p>`}
    ${correction.outdated && html`<p class="small soft">Of an earlier text</p>`}
  </div>`);

function marksOf(message, { mine, read }) {
  return [clockOf(message.created_at), message.edited_at && "edited", mine && (read ? "read" : "sent")]
    .filter(Boolean).join(" · ");
}

function Actions({ message, mine, act }) {
  const names = mine ? [["edit", "Edit"], ["trash", "Delete"]] : [["check", "Correct"], ["flag", "Report"]];
  return html`
    <p class="row actions">
      ${names.map(([icon, name]) => html`
        <${Button} key=${name} kind="plain" small icon=${icon} onClick=${() => act(name, message)}>${name}<//>`)}
    </p>`;
}

// `opened`: the message whose actions are shown.
function Message({ message, mine, read, opened, setOpened, act }) {
  const isOpen = opened === message.seq;
  const gone = message.removed_by_staff ? "Removed by staff" : "Deleted";
  return html`
    <li class="message ${mine ? "mine" : ""}" data-seq=${message.seq}>
      <div class="bubble">
        ${message.deleted_at ? html`<p class="text soft">${gone}</p>` : html`<p class="text"
          dir="auto">${message.content}</p>`}
        <${Corrections} message=${message} />
      </div>
      <p class="small soft marks">
        <span>${marksOf(message, { mine, read })}</span>
        ${!message.deleted_at && html`
          <button type="button" class="dots" aria-expanded=${isOpen} aria-label="Actions"
            onClick=${() => setOpened(isOpen ? null : message.seq)}>⋯</button>`}
      </p>
      ${isOpen && !message.deleted_at && html`<${Actions} message=${message} mine=${mine} act=${act} />`}
    </li>`;
}

const Pending = ({ message, room }) => html`
  <li class="message mine pending">
    <div class="bubble"><p class="text" dir="auto">${message.content}</p></div>
    <p class="small marks ${message.problem ? "wrong" : "soft"}">
      ${message.problem ? `Not sent: ${problemIn(message.problem)}` : "Sending…"}
    </p>
    ${message.problem && html`
      <p class="row actions">
        <${Button} kind="plain" small onClick=${() => room.send(message.content, message.client_id)}>Try again<//>
        <${Button} kind="plain" small onClick=${() => room.discard(message)}>Discard<//>
      </p>`}
  </li>`;

function Earlier({ room }) {
  const { run, busy, error } = useAction(() => room.earlier());
  if (room.firstSeq <= 1) return null;
  return html`
    <${ErrorNote} error=${error} />
    <p class="earlier"><${Button} kind="plain" small busy=${busy} onClick=${run}>Earlier messages<//></p>`;
}

// Keeps the end in view, unless the reader has scrolled up. Own messages always scroll.
function useEnd(room) {
  const box = useRef();
  const atEnd = useRef(true);
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PIXELS;
  };
  useLayoutEffect(() => {
    if (atEnd.current || room.pending.size) box.current.scrollTop = box.current.scrollHeight;
  }, [room.lastSeq, room.pending.size, room.typing?.ofPeer]);
  return { ref: box, onScroll };
}

// A key that a message keeps from the first attempt on: its node, and a click on it, survive the answer.
const keyOf = (message) => message.client_id ?? `seq ${message.seq}`;

// act(name, message) runs one of the actions.
export function Messages({ room, act }) {
  const [opened, setOpened] = useState(null);
  const rows = [];
  let day = null;
  for (const message of room.listed) {
    const next = dayOf(message.created_at);
    if (next !== day) rows.push(html`<li class="day small soft" key=${`day ${next}`}>${next}</li>`);
    day = next;
    const mine = message.sender === room.me;
    rows.push(html`<${Message} key=${keyOf(message)} message=${message} mine=${mine}
      read=${message.seq <= room.chat.peer_read_seq} opened=${opened} setOpened=${setOpened} act=${act} />`);
  }
  const pending = [...room.pending.values()];
  return html`
    <div class="messages" role="log" aria-label="Messages" tabindex="0" ...${useEnd(room)}>
      <${Earlier} room=${room} />
      <ol>
        ${rows}
        ${pending.map((message) => html`<${Pending} key=${message.client_id} message=${message} room=${room} />`)}
      </ol>
    </div>`;
}
