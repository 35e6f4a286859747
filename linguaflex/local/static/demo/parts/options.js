// The options of a select: [[value, label], ...].

import { html } from "../vendor/preact.js";

export const Options = ({ of, value = "" }) => of.map(([each, label]) => html`
  <option key=${each} value=${each} selected=${each === value}>${label}</option>`);
