// What is written in a chat: a new message, an edit, a correction.

import { html, useRef, useState } from "../vendor/preact.js";
import { useAction } from "../hooks.js";
import { Button, Dialog, ErrorNote, Field, submitted } from "../ui/index.js";

// Enter sends, Shift+Enter begins a new line.
export function Composer({ room }) {
  const text = useRef();
  const send = (event) => {
    event.preventDefault();
    const content = text.current.value;
    if (!content.trim()) return;
    text.current.value = "";
    room.typing?.set(false);
    room.send(content);
  };
  const press = (event) => {
    // While a Chinese or Japanese word is composed, Enter chooses it.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  return html`
    <form class="composer" onSubmit=${send}>
      <textarea class="input" ref=${text} rows="1" maxlength="10000" aria-label="Message"
        placeholder="Write a message"
        dir="auto" onKeyDown=${press} onInput=${() => room.typing?.set(true)}></textarea>
      <${Button} type="submit" icon="send" label="Send" />
    </form>`;
}

export function EditForm({ room, message, onClose }) {
  const { run, busy, error } = useAction(async ({ content }) => {
    await room.edit(message.seq, content);
    onClose();
  });
  return html`
    <${Dialog} title="Edit message" onClose=${onClose}>
      <form class="stack" onSubmit=${submitted(run)}>
        <${Field} label="Message" name="content" as="textarea" required maxlength="10000" dir="auto" error=${error}
          defaultValue=${message.content} />
        <${ErrorNote} error=${error} />
        <div class="row"><${Button} type="submit" busy=${busy}>Save<//></div>
      </form>
    <//>`;
}

export function CorrectionForm({ room, message, onClose }) {
  const [client_id] = useState(() => crypto.randomUUID()); // a repeated request stores one correction
  const { run, busy, error } = useAction(async (fields) => {
    await room.correct(message.seq, { ...fields, client_id });
    onClose();
  });
  return html`
    <${Dialog} title="Correct the message" onClose=${onClose}>
      <form class="stack" onSubmit=${submitted(run)}>
        <p class="soft">${room.peer.name} sees the correction at once, and gets a card of it.</p>
        <${Field} label="Better" name="corrected" as="textarea" required maxlength="10000" dir="auto" error=${error}
          defaultValue=${message.content} />
        <${Field} label="Why" name="explanation" maxlength="2000" dir="auto" error=${error} />
        <${ErrorNote} error=${error} />
        <div class="row"><${Button} type="submit" busy=${busy}>Send the correction<//></div>
      </form>
    <//>`;
}
