// The two lists of the market: teachers and gigs.

import { html } from "../vendor/preact.js";

const TABS = [["/teachers", "Teachers"], ["/gigs", "Gigs"]];

export const MarketTabs = ({ current }) => html`
  <nav aria-label="Market">
    <ul class="row">
      ${TABS.map(([path, label]) => html`
        <li key=${path}><a class="choice" href="#${path}"
          aria-current=${path === current ? "page" : undefined}>${label}</a></li>`)}
    </ul>
  </nav>`;
