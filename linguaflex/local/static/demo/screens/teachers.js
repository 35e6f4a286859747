// Teachers with a gig on offer, with filters.

import { html } from "../vendor/preact.js";
import { withParameters } from "../api.js";
import { useList } from "../hooks.js";
import { MarketTabs } from "../market/tabs.js";
import { acceptable, OfferFilters, priceOf } from "../market/offers.js";
import { Avatar, Empty, Loaded, More, Pill, Screen } from "../ui/index.js";
import { count } from "../words.js";

const ORDERS = [
  ["", "Newest first"], ["price", "Lowest price first"], ["-price", "Highest price first"],
  ["-experience", "Most experience first"],
];

const pricesOf = ({ lowest_price, lowest_price_currency, prices }) => (
  lowest_price ? [[lowest_price_currency, lowest_price]] : Object.entries(prices)
);

const Teacher = ({ teacher }) => html`
  <a class="card teacher" href="#/teachers/${teacher.id}">
    <span class="row">
      <${Avatar} person=${teacher} />
      <span><b>${teacher.name}</b>
        <span class="soft small block">${[teacher.city, teacher.country].filter(Boolean).join(", ")}</span></span>
    </span>
    <span class="block" dir="auto">${teacher.headline}</span>
    <span class="row small">
      ${teacher.is_verified && html`<${Pill} kind="good" icon="check">Verified<//>`}
      ${[...new Set(teacher.gigs.map((gig) => gig.language))].map((name) => html`<${Pill} key=${name}>${name}<//>`)}
    </span>
    <span class="row between small soft">
      <span>${count(teacher.gigs_count, "gig")}</span>
      <b>${pricesOf(teacher).map(([currency, price]) => `from ${priceOf(price, currency)}`).join(", ")}</b>
    </span>
  </a>`;

export default function Teachers({ query }) {
  const list = useList(withParameters("teachers/", acceptable(query)));
  const empty = html`<${Empty} icon="search" title="No teacher fits">Loosen a filter.<//>`;
  return html`
    <${Screen} title="Teachers" about="People who teach what you want to learn.">
      <${MarketTabs} current="/teachers" />
      <${OfferFilters} path="/teachers" query=${query} orders=${ORDERS} />
      <${Loaded} of=${list} empty=${empty}>
        ${(teachers) => html`
          <ul class="grid">
            ${teachers.map((teacher) => html`<li key=${teacher.id}><${Teacher} teacher=${teacher} /></li>`)}
          </ul>
          <${More} of=${list} />`}
      <//>
    <//>`;
}
