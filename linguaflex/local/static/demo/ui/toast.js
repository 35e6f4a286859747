// Short messages that disappear: toast("Saved.")

import { html } from "../vendor/preact.js";
import { createStore, useStore } from "../store.js";

const SECONDS = 4;
const toasts = createStore([]);

export function toast(text) {
  const entry = { text, id: crypto.randomUUID() };
  toasts.set([...toasts.get(), entry]);
  setTimeout(() => toasts.set(toasts.get().filter((each) => each !== entry)), SECONDS * 1000);
}

export const Toasts = () => html`
  <div class="toasts" role="status">
    ${useStore(toasts).map(({ id, text }) => html`<p class="toast" key=${id}>${text}</p>`)}
  </div>`;
