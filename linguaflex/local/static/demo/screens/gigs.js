// Gigs on offer, with filters.

import { html } from "../vendor/preact.js";
import { withParameters } from "../api.js";
import { useList } from "../hooks.js";
import { MarketTabs } from "../market/tabs.js";
import { acceptable, Gig, OfferFilters } from "../market/offers.js";
import { Avatar, Empty, Loaded, More, Screen } from "../ui/index.js";

const ORDERS = [
  ["", "Newest first"], ["oldest", "Oldest first"], ["price", "Lowest price first"], ["-price", "Highest price first"],
];

export default function Gigs({ query }) {
  const list = useList(withParameters("gigs/", acceptable(query)));
  const empty = html`<${Empty} icon="search" title="No gig fits">Loosen a filter.<//>`;
  return html`
    <${Screen} title="Gigs" about="What teachers offer, and for how much.">
      <${MarketTabs} current="/gigs" />
      <${OfferFilters} path="/gigs" query=${query} orders=${ORDERS} />
      <${Loaded} of=${list} empty=${empty}>
        ${(gigs) => html`
          <ul class="stack">
            ${gigs.map((gig) => html`
              <li key=${gig.id}>
                <${Gig} gig=${gig} heading="h2">
                  <a class="row" href="#/teachers/${gig.teacher.id}">
                    <${Avatar} person=${gig.teacher} size="small" />${gig.teacher.name}
                  </a>
                <//>
              </li>`)}
          </ul>
          <${More} of=${list} />`}
      <//>
    <//>`;
}
