// Review: the due cards, one after the other. Space shows the answer, 1 to 4 rate it.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { useLoad } from "../hooks.js";
import { CardText } from "../review/card_text.js";
import { Forecast } from "../review/forecast.js";
import { useProfile } from "../session.js";
import { addReview, sendReviews, waitingReviews } from "../review/queue.js";
import { Button, Empty, Loaded, Screen } from "../ui/index.js";
import { count } from "../words.js";

const RATINGS = [["again", "Again"], ["hard", "Hard"], ["good", "Good"], ["easy", "Easy"]];
const PILE = 50; // cards per request

// Sends waiting reviews first: without them, reviewed cards are still due.
async function loadPile(user) {
  await sendReviews(user).catch(() => {});
  return { cards: await call("GET", `cards/?due=now&limit=${PILE}`), at: Date.now() };
}

// The number of reviews that the server does not have yet. `send` tries to send them; so does a network that returns.
function useWaiting(user) {
  const [waiting, setWaiting] = useState(waitingReviews(user));
  const send = () => sendReviews(user).catch(() => {}).finally(() => setWaiting(waitingReviews(user)));
  useEffect(() => {
    window.addEventListener("online", send);
    return () => window.removeEventListener("online", send);
  }, [user]);
  return { waiting, send };
}

// Calls press(key) for keys that no field and no button handles.
function useKeys(press) {
  const current = useRef(press);
  current.current = press;
  useLayoutEffect(() => { // useEffect runs after the drawing, and would lose a key that is pressed in between
    const listen = (event) => {
      const plain = !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (!plain || event.target.closest("input, textarea, select, dialog")) return;
      if ([" ", "Enter"].includes(event.key) && event.target.closest("button, a")) return; // the browser presses it
      if (current.current(event.key)) event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

function Face({ card, open }) {
  const front = useRef();
  const answer = useRef();
  useLayoutEffect(() => (open ? answer : front).current.focus({ preventScroll: true }), [card, open]);
  return html`
    <article class="face">
      <div ref=${front} tabindex="-1">
        <p class="soft small">Say it right</p>
        <${CardText} text=${card.front} lang=${card.language_code} class="front" />
      </div>
      ${open && html`
        <div ref=${answer} tabindex="-1" class="answer">
          <p class="soft small">Answer</p>
          <${CardText} text=${card.back} lang=${card.language_code} class="back" />
          ${card.note && html`<p dir="auto" class="soft">${card.note}</p>`}
        </div>`}
    </article>`;
}

const Ratings = ({ rate }) => html`
  <div class="ratings" role="group" aria-label="How well did you know it?">
    ${RATINGS.map(([rating, label], index) => html`
      <${Button} key=${rating} kind="quiet" class=${rating} onClick=${() => rate(rating)}>
        <span>${label}</span><kbd aria-hidden="true">${index + 1}</kbd>
      <//>`)}
  </div>`;

// Cards that were forgotten return to the end of the pile.
function Deck({ cards, user, reload }) {
  const [{ pile, total, reviewed }, setDeck] = useState({ pile: cards, total: cards.length, reviewed: 0 });
  const [open, setOpen] = useState(false);
  const { waiting, send } = useWaiting(user);
  const shownAt = useRef(Date.now());
  const [card, ...rest] = pile;
  const rate = (rating) => {
    addReview(user, card, rating, Math.min(3600, Math.round((Date.now() - shownAt.current) / 1000)));
    const again = rating === "again" ? [{ ...card }] : [];
    setDeck({ pile: [...rest, ...again], total: total + again.length, reviewed: reviewed + 1 });
    setOpen(false);
    shownAt.current = Date.now();
    send();
  };
  useKeys((key) => {
    if (!card) return false;
    if (!open) return [" ", "Enter"].includes(key) && (setOpen(true), true);
    const rating = RATINGS[key - 1];
    return Boolean(rating) && (rate(rating[0]), true);
  });
  const note = waiting > 0 && html`
    <div class="note" role="status">
      <p>${count(waiting, "review")} will be sent when the server can be reached.</p>
      <${Button} kind="quiet" small onClick=${send}>Send now<//>
    </div>`;
  if (!card) return html`${note}<${Finished} reviewed=${reviewed} reload=${reload} />`;
  return html`
    ${note}
    <div class="deck">
      <p class="progress soft small">
        <progress value=${reviewed} max=${total}
          aria-label="Reviewed cards"></progress><span>${reviewed} of ${total}</span>
      </p>
      <${Face} card=${card} open=${open} />
      ${open ? html`<${Ratings} rate=${rate} />` : html`
        <${Button} class="reveal" onClick=${() => setOpen(true)}>Show the answer <kbd
          aria-hidden="true">space</kbd><//>`}
    </div>`;
}

function Finished({ reviewed, reload }) {
  const state = useLoad(() => call("GET", "cards/summary/"));
  const title = reviewed ? `${count(reviewed, "review")} done` : "Nothing is due";
  return html`
    <${Empty} icon="check" title=${title}
      action=${html`<div class="row">
        <${Button} kind="quiet" onClick=${reload}>Look for more<//>
        <${Button} kind="quiet" href="#/cards">All cards<//>
      </div>`}>
      A card comes back shortly before you would forget it.
    <//>
    <${Loaded} of=${state}>${(summary) => html`<${Forecast} summary=${summary} />`}<//>`;
}

export default function Review() {
  const { id } = useProfile();
  const state = useLoad(() => loadPile(id), [id]);
  return html`
    <${Screen} title="Review" about="Your own mistakes, until they are none."
      action=${html`<${Button} kind="quiet" icon="cards" href="#/cards">All cards<//>`}>
      <${Loaded} of=${state}>
        ${({ cards, at }) => html`<${Deck} key=${at} cards=${cards} user=${id} reload=${state.reload} />`}
      <//>
    <//>`;
}
