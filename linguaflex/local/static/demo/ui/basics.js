// Buttons, cards, people, and text in other languages.

import { html } from "../vendor/preact.js";
import { Icon } from "./icons.js";

// kind: "" (the main action), quiet, plain, danger; with `href` it is a link. `icon` alone needs `label`.
export function Button({ kind = "", icon, label, small, busy, class: extra = "", href, children, ...rest }) {
  const isIcon = icon && !children;
  const classes = `button ${kind} ${isIcon ? "icon" : ""} ${small ? "small" : ""} ${extra}`;
  const content = html`${icon && html`<${Icon} name=${icon} />`}${children}`;
  if (href) return html`<a class=${classes} href=${href} aria-label=${label} title=${label} ...${rest}>${content}</a>`;
  return html`
    <button type="button" ...${rest} class=${classes} aria-label=${label} title=${label}
      disabled=${busy || rest.disabled} aria-busy=${busy ? "true" : undefined}>${content}</button>`;
}

// A card with a heading and, beside it, an action.
export const Card = ({ title, action, level = 2, class: extra = "", children, ...rest }) => html`
  <section class="card ${extra}" ...${rest}>
    ${title && html`<header><${level === 2 ? "h2" : "h3"}>${title}<//>${action}</header>`}
    ${children}
  </section>`;

// The picture of a person, or else the first letters of the name. Decoration: the name stands beside it.
export function Avatar({ person, size = "" }) {
  const { name = "?", profile_picture: picture } = person ?? {};
  if (picture) return html`<img class="avatar ${size}" src=${picture} alt="" loading="lazy" />`;
  const letters = name.split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  const tone = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 3;
  return html`<span class="avatar ${size} tone-${tone}" aria-hidden="true">${letters}</span>`;
}

export const Pill = ({ kind = "", icon, children }) =>
  html`<span class="pill ${kind}">${icon && html`<${Icon} name=${icon} />`}${children}</span>`;

// Text that a person wrote: in its language, and from right to left where the language is.
export const Said = ({ lang, as = "span", class: extra, children }) =>
  html`<${as} lang=${lang || undefined} dir="auto" class=${extra}>${children}<//>`;
