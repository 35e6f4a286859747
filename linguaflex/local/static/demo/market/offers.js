// What teachers offer: the filters of teachers and gigs, prices, and one gig.

import { html } from "../vendor/preact.js";
import { Field, Pill, Said } from "../ui/index.js";
import { count } from "../words.js";
import { Filters } from "../parts/filters.js";
import { Options } from "../parts/options.js";

const CURRENCIES = ["EUR", "GBP", "JPY", "USD"];

// "€18.00" of the decimal text that the API sends.
export const priceOf = (amount, currency) =>
  new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(amount);

export const CurrencyOptions = ({ value, any }) => html`
  <${Options} value=${value} of=${[...(any ? [["", any]] : []), ...CURRENCIES.map((code) => [code, code])]} />`;

// Prices are compared within one currency only.
export function OfferFilters({ path, query, orders }) {
  const fixed = !query.currency;
  return html`
    <${Filters} path=${path}
      first=${html`<${Field} label="Search" name="search" type="search" defaultValue=${query.search ?? ""} />`}>
      <${Field} label="Language" name="language" defaultValue=${query.language ?? ""} placeholder="Spanish" />
      <${Field} label="Currency" name="currency" as="select">
        <${CurrencyOptions} value=${query.currency} any="Any" />
      <//>
      <${Field} label="Price from" name="min_price" type="number" min="0" step="0.01" disabled=${fixed}
        defaultValue=${query.min_price ?? ""} placeholder=${fixed ? "needs a currency" : ""} />
      <${Field} label="Price up to" name="max_price" type="number" min="0" step="0.01" disabled=${fixed}
        defaultValue=${query.max_price ?? ""} placeholder=${fixed ? "needs a currency" : ""} />
      <${Field} label="Order" name="ordering" as="select">
        <${Options} value=${query.ordering} of=${orders.filter(([order]) => !(fixed && order.includes("price")))} />
      <//>
    <//>`;
}

// The parameters that the API accepts together: prices and their order without a currency are left out.
export const acceptable = ({ currency, min_price, max_price, ordering, ...query }) => ({
  ...query,
  currency,
  min_price: currency ? min_price : "",
  max_price: currency ? max_price : "",
  ordering: currency || !ordering?.includes("price") ? ordering : "",
});

// `heading`: the element of the title, one level below the heading above it.
export const Gig = ({ gig, heading = "h3", children }) => html`
  <article class="card gig">
    <header>
      <${heading}><${Said} lang=${gig.language_code}>${gig.title}<//><//>
      <p class="price"><b>${priceOf(gig.price_per_session, gig.currency)}</b>
        <span class="soft small"> for ${count(gig.session_minutes, "minute")}</span></p>
    </header>
    <p dir="auto">${gig.description}</p>
    ${gig.what_is_included && html`<p dir="auto" class="soft small">Included: ${gig.what_is_included}</p>`}
    <p class="row small"><${Pill} kind="good">${gig.language}<//>${gig.tags.map((tag) => html`<${Pill}
      key=${tag}>${tag}<//>`)}</p>
    ${children}
  </article>`;
