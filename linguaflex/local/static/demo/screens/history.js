// History: the conversations, with filters that stand in the address.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { call, withParameters } from "../api.js";
import { useList, useLoad } from "../hooks.js";
import { useUserEvents } from "../live.js";
import { replace } from "../router.js";
import { Button, Empty, Field, Loaded, More, Screen } from "../ui/index.js";
import { ConversationItem, FIELDS } from "../ui/conversation_item.js";
import { count } from "../words.js";

const PAGE = 10;
const TYPING_MS = 300; // from the last key to the search
const ORDERS = [
  ["", "Newest first"],
  ["created_at", "Oldest first"],
  ["-duration_minutes", "Longest first"],
  ["duration_minutes", "Shortest first"],
];

const Option = ({ value, label }) => html`<option key=${value} value=${value}>${label}</option>`;

const Choice = ({ label, name, filters, change, children }) => html`
  <${Field} as="select" label=${label} value=${filters[name] ?? ""}
    onChange=${({ target }) => change({ [name]: target.value })}>${children}<//>`;

function Search({ filters, change }) {
  const [text, setText] = useState(filters.search ?? "");
  const timer = useRef();
  useEffect(() => () => clearTimeout(timer.current), []);
  const wait = (event) => {
    const search = event.target.value;
    setText(search);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change({ search }), TYPING_MS);
  };
  return html`<div class="wide"><${Field} label="Search" type="search" placeholder="A topic, or words that were said"
    value=${text} dir="auto" onInput=${wait} /></div>`;
}

function Filters({ summary, ...rest }) {
  return html`
    <div class="filters" role="search" aria-label="Conversations">
      <${Search} ...${rest} />
      <${Choice} label="Language" name="language" ...${rest}>
        <option value="">All languages</option>
        ${summary.languages.map(({ code, label }) => Option({ value: code ?? label, label }))}
      <//>
      <${Choice} label="Type" name="type" ...${rest}>
        <option value="">All types</option>
        ${summary.available_conversation_types.map(Option)}
      <//>
      <${Choice} label="Feedback" name="has_feedback" ...${rest}>
        <option value="">With and without</option>
        <option value="true">With feedback</option>
        <option value="false">Without feedback</option>
      <//>
      <${Choice} label="Order" name="ordering" ...${rest}>
        ${ORDERS.map(([value, label]) => Option({ value, label }))}
      <//>
    </div>`;
}

const NoneYet = () => html`
  <${Empty} icon="history" title="No conversations yet" action=${html`<${Button} href="#/practice">Practise now<//>`}>
    What you say in a practice is kept here, with its corrections.
  <//>`;

const removeFilters = html`<${Button} kind="quiet" onClick=${() => replace("/history")}>Remove the filters<//>`;
const NoneFound = () => html`
  <${Empty} icon="search" title="Nothing found" action=${removeFilters}>No conversation fits these filters.<//>`;

const totalsIn = ({ total_conversations: conversations, total_duration_minutes: minutes }) =>
  `${count(conversations, "conversation")}, ${count(minutes, "minute")}`;

export default function History({ query: filters }) {
  const summary = useLoad(() => call("GET", "voice-conversations/summary/"));
  const list = useList(withParameters("voice-conversations/", { ...filters, fields: FIELDS, limit: PAGE }));
  useUserEvents({ feedback: list.reload, comment: list.reload });
  const change = (changes) => replace(withParameters("/history", { ...filters, ...changes }));
  const isFiltered = Object.keys(filters).length > 0;
  const total = summary.data?.total_conversations;
  return html`
    <${Screen} title="History" about=${total > 0 && totalsIn(summary.data)}>
      ${summary.data && (total > 0 || isFiltered) && html`
        <${Filters} key=${isFiltered ? "some" : "none"} summary=${summary.data} filters=${filters} change=${change} />`}
      <${Loaded} of=${list} empty=${html`<${isFiltered ? NoneFound : NoneYet} />`}>
        ${(rows) => html`
          <ul class="conversations" aria-live="polite">
            ${rows.map((row) => html`<li key=${row.id}><${ConversationItem} conversation=${row} /></li>`)}
          </ul>`}
      <//>
      <${More} of=${list} />
    <//>`;
}
