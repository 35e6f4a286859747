// What a screen shows besides its data: it loads, it is empty, it has failed.

import { html } from "../vendor/preact.js";
import { problemIn } from "../words.js";
import { Button } from "./basics.js";
import { Icon } from "./icons.js";

export const Loading = ({ label = "Loading" }) =>
  html`<div class="loading" role="status"><span class="only-spoken">${label}…</span><i /><i /><i /></div>`;

export const Empty = ({ icon = "spark", title, children, action }) => html`
  <div class="empty">
    <${Icon} name=${icon} />
    <h2>${title}</h2>
    ${children && html`<p>${children}</p>`}
    ${action}
  </div>`;

// An error in words. `retry` makes a button, except for a 404, which a retry cannot change.
export const ErrorNote = ({ error, retry }) => error && html`
  <div class="note bad" role="alert">
    <p>${problemIn(error)}</p>
    ${retry && error.status !== 404 && html`<${Button} kind="quiet" small onClick=${() => retry()}>Try again<//>`}
  </div>`;

// The three states of useLoad and useList: ${(data) => html`...`} is drawn with the data. `empty` is drawn if the data
// are an empty list.
export function Loaded({ of, empty, children: draw }) {
  const { data, error, loading, reload } = of;
  if (data === null && loading) return html`<${Loading} />`;
  const isEmpty = empty && Array.isArray(data) && data.length === 0;
  const content = isEmpty ? empty : data !== null && draw(data);
  return html`<${ErrorNote} error=${error} retry=${reload} />${content}`;
}

// The button below a list that has another page.
export const More = ({ of }) => of.more && html`
  <div class="row"><${Button} kind="quiet" busy=${of.loadingMore} onClick=${() => of.more()}>Show more<//></div>`;
