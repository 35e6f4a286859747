// A modal dialog, and a question before what cannot be undone.

import { html, useId, useLayoutEffect, useRef } from "../vendor/preact.js";
import { useAction } from "../hooks.js";
import { Button } from "./basics.js";
import { ErrorNote } from "./states.js";

// The browser keeps the focus inside, closes it with Escape, and returns the focus.
export function Dialog({ title, onClose, children }) {
  const [dialog, id] = [useRef(), useId()];
  useLayoutEffect(() => {
    dialog.current.showModal();
  }, []);
  const outside = (event) => event.target === dialog.current && dialog.current.close();
  return html`
    <dialog ref=${dialog} aria-labelledby=${id} onClose=${onClose} onClick=${outside}>
      <header>
        <h2 id=${id}>${title}</h2>
        <${Button} icon="cross" label="Close" onClick=${() => dialog.current.close()} />
      </header>
      ${children}
    </dialog>`;
}

// Asks before `action`, which may be asynchronous; closes after its success.
export function Confirm({ title, children, label, action, onClose }) {
  const { run, busy, error } = useAction(async () => {
    await action();
    onClose();
  });
  return html`
    <${Dialog} title=${title} onClose=${onClose}>
      <div class="stack">
        <div>${children}</div>
        <${ErrorNote} error=${error} />
        <div class="row">
          <${Button} kind="danger" busy=${busy} onClick=${run}>${label}<//>
          <${Button} kind="quiet" onClick=${onClose}>Cancel<//>
        </div>
      </div>
    <//>`;
}
