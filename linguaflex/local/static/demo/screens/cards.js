// All cards: search, a new card, suspend and resume, and a file for Anki.

import { html, useState } from "../vendor/preact.js";
import { call, download, withParameters } from "../api.js";
import { useAction, useList } from "../hooks.js";
import { CardForm } from "../review/card_form.js";
import { CardText, stateOf } from "../review/card_text.js";
import { Filters } from "../parts/filters.js";
import { Options } from "../parts/options.js";
import {
  Button, Confirm, Empty, ErrorNote, Field, Loaded, More, Pill, Screen, toast,
} from "../ui/index.js";
import { dayOf, languageOf } from "../words.js";

const STATES = [
  ["", "All"], ["new", "New"], ["learning", "Learning"], ["review", "Known"], ["relearning", "Forgotten"],
  ["suspended", "Suspended"],
];
const SOURCES = [["", "All"], ["ai", "AI tutor"], ["teacher", "Teacher"], ["peer", "Chat partner"]];

const CardFilters = ({ query }) => html`
  <${Filters} path="/cards"
    first=${html`<${Field} label="Search" name="search" type="search" defaultValue=${query.search ?? ""} />`}>
    <${Field} label="Language" name="language" defaultValue=${query.language ?? ""} placeholder="Spanish" />
    <${Field} label="State" name="state" as="select"><${Options} of=${STATES} value=${query.state} /><//>
    <${Field} label="Corrected by" name="source" as="select"><${Options} of=${SOURCES} value=${query.source} /><//>
  <//>`;

function Row({ card, changed, edit, remove }) {
  const suspended = card.state === "suspended";
  const { run, busy, error } = useAction(async () => {
    await call("POST", `cards/${card.id}/${suspended ? "resume" : "suspend"}/`);
    changed();
  });
  const due = suspended ? "not due" : `due ${new Date(card.due_at) < new Date() ? "now" : dayOf(card.due_at)}`;
  return html`
    <li class="card card-row">
      <div>
        <${CardText} text=${card.front} lang=${card.language_code} />
        <${CardText} text=${card.back} lang=${card.language_code} class="back" />
        ${card.note && html`<p dir="auto" class="soft small">${card.note}</p>`}
      </div>
      <p class="row small soft">
        <${Pill} kind=${suspended ? "" : "good"}>${stateOf(card)}<//>
        ${card.language_code && html`<span>${languageOf(card.language_code)}</span>`}
        <span>${due}</span>
      </p>
      <p class="row">
        <${Button} kind="plain" small busy=${busy} onClick=${run}>${suspended ? "Resume" : "Suspend"}<//>
        <${Button} kind="plain" small onClick=${() => edit(card)}>Edit<//>
        <${Button} kind="plain" small onClick=${() => remove(card)}>Delete<//>
      </p>
      <${ErrorNote} error=${error} />
    </li>`;
}

function Exports({ query }) {
  const save = (format, name) => download(withParameters("cards/export/", { ...query, format }), name);
  const { run, busy, error } = useAction(save);
  return html`
    <div class="row">
      <${Button} kind="plain" icon="download" small busy=${busy}
        onClick=${() => run("anki", "linguaflex-cards.txt")}>File for Anki<//>
      <${Button} kind="plain" icon="download" small busy=${busy}
        onClick=${() => run("csv", "linguaflex-cards.csv")}>CSV<//>
    </div>
    <${ErrorNote} error=${error} />`;
}

export default function Cards({ query }) {
  const list = useList(withParameters("cards/", query));
  const [edited, setEdited] = useState(null); // a card, or {} for a new one
  const [removed, setRemoved] = useState(null);
  const saved = () => {
    setEdited(null);
    toast("Saved.");
    list.reload();
  };
  const remove = async () => {
    await call("DELETE", `cards/${removed.id}/`);
    list.reload();
  };
  const add = html`<${Button} icon="plus" onClick=${() => setEdited({})}>New card<//>`;
  return html`
    <${Screen} title="Cards" about="Made of corrections, or by hand." action=${add}>
      <${CardFilters} query=${query} />
      <${Exports} query=${query} />
      <${Loaded} of=${list} empty=${html`<${Empty} icon="cards" title="No cards here" action=${add}>
        Corrections of the tutor, of a teacher and in chats become cards.<//>`}>
        ${(cards) => html`
          <ul class="stack" aria-label="Cards">
            ${cards.map((card) => html`
              <${Row} key=${card.id} card=${card} changed=${list.reload} edit=${setEdited} remove=${setRemoved} />`)}
          </ul>
          <${More} of=${list} />`}
      <//>
      ${edited && html`<${CardForm} card=${edited} saved=${saved} onClose=${() => setEdited(null)} />`}
      ${removed && html`
        <${Confirm} title="Delete this card?" label="Delete" action=${remove} onClose=${() => setRemoved(null)}>
          Its reviews are deleted, too. Its corrections stay in their conversations.
        <//>`}
    <//>`;
}
