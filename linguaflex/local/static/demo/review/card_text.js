// The text of a flashcard, in which ** stands around the mistake.

import { html } from "../vendor/preact.js";
import { Said } from "../ui/index.js";

export const CardText = ({ text, lang, as = "p", class: extra }) => html`
  <${Said} as=${as} lang=${lang} class=${extra}>
    ${text.split(/\*\*(.+?)\*\*/s).map((part, index) => (index % 2 ? html`<mark>${part}</mark>` : part))}
  <//>`;

const SOURCES = { new: "New", learning: "Learning", review: "Known", relearning: "Forgotten", suspended: "Suspended" };

export const stateOf = ({ state }) => SOURCES[state] ?? state;
