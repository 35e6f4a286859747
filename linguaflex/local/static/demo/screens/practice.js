// Practice: a call with the AI tutor, by typing or speaking.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { useAction, useLoad } from "../hooks.js";
import { begin, clearError, end, finishUnfinished, linesOf, practising, recall, say } from "../practice/practice.js";
import { go } from "../router.js";
import { SITE, useProfile } from "../session.js";
import { useStore } from "../store.js";
import { Button, Card, ErrorNote, Field, Loaded, Pill, Said, Screen, Switch, submitted } from "../ui/index.js";

const LEVELS = ["A1", "A2", "B1", "B2", "C1", "C2"];
const WAYS = [["typing", "Typing"], ["speaking", "Speaking"]];
const TOPICS = ["At the market", "My weekend", "A trip I want to make", "Meeting new people"];

function Topics({ topics, choose }) {
  return html`
    <div class="topics" role="group" aria-label="Topics">
      ${topics.map((topic) => html`
        <button key=${topic} type="button" class="pill" onClick=${() => choose(topic)}><${Said}>${topic}<//></button>`)}
    </div>`;
}

function Beginning({ summary, query }) {
  const { native_language, learning_languages } = useProfile();
  const [topic, setTopic] = useState(query.topic ?? "At the market");
  const [by, setBy] = useState("typing");
  const topics = [...new Set([...summary.suggested_next_topics.slice(0, 4), ...TOPICS])].slice(0, 6);
  return html`
    <${Card} class="beginning">
      <form class="stack" onSubmit=${submitted(({ by: _, ...wish }) => begin(wish, by === "speaking"))}>
        <${Field} label="What do you want to talk about?" name="topic" maxlength="200" required dir="auto" value=${topic}
          onInput=${(event) => setTopic(event.target.value)} />
        <${Topics} topics=${topics} choose=${setTopic} />
        <div class="grid">
          <${Field} label="Language to learn" name="target_language" maxlength="50" required
            defaultValue=${query.language ?? learning_languages[0] ?? "Spanish"} />
          <${Field} label="Your language" name="native_language" maxlength="50" required
            defaultValue=${native_language || "English"} />
          <${Field} as="select" label="Type" name="conversation_type">
            ${summary.available_conversation_types.map(({ value, label }) => html`
              <option value=${value}>${label}</option>`)}
          <//>
          <${Field} as="select" label="Level" name="level">
            <option value="">I do not know</option>
            ${LEVELS.map((level) => html`<option>${level}</option>`)}
          <//>
        </div>
        <div class="row between">
          <${Switch} legend="By" name="by" value=${by} options=${WAYS} onChange=${setBy} />
          <${Button} type="submit" icon=${by === "speaking" ? "mic" : "chat"}>Begin<//>
        </div>
      </form>
    <//>`;
}

const Turn = ({ role, text, interrupted }) => html`
  <li class="turn ${role === "user" ? "mine" : ""}">
    <div class="bubble">
      <span class="only-spoken">${role === "user" ? "You:" : "Tutor:"}</span>
      <${Said} as="p" class="text">${text || "(not understood)"}<//>
    </div>
    ${interrupted && html`<small>interrupted</small>`}
  </li>`;

// Reads the latest complete turn of the tutor to screen readers: once, not each piece of it.
function Announcer({ turns }) {
  const last = turns.filter(({ role, text }) => role !== "user" && text).at(-1);
  return html`<p class="only-spoken" role="status">${last && `Tutor: ${last.text}`}</p>`;
}

function Composer() {
  const input = useRef();
  useLayoutEffect(() => input.current.focus(), []);
  const send = ({ text }, form) => {
    if (!text.trim()) return;
    clearError();
    form.reset();
    say(text);
  };
  return html`
    <form class="composer" onSubmit=${submitted(send)}>
      <input ref=${input} class="input" name="text" maxlength="2000" aria-label="Your words" placeholder="Say something"
        autocomplete="off" dir="auto" required />
      <${Button} type="submit" icon="send" label="Say" class="send" />
    </form>`;
}

function Room({ practice, error }) {
  const list = useRef();
  const lines = linesOf(practice);
  useEffect(() => {
    list.current.scrollTop = list.current.scrollHeight;
  });
  const connected = practice.status === "connected";
  return html`
    <section class="card room" aria-label="Call">
      <header>
        <${Pill} kind=${connected ? "good" : ""}><span role="status" class="state">${practice.status}</span><//>
        <${Button} kind="quiet" small icon="stop" class="end" busy=${practice.ending} onClick=${end}>End and save<//>
      </header>
      ${SITE.simulated && html`
        <p class="note small simulated">A simulator on this machine answers in place of a tutor: its sentences and its
          feedback are made up. ${practice.spoken && html`<b>The simulator cannot hear you: type.</b>`}</p>`}
      <ol class="turns" ref=${list} tabindex="0" aria-label="What was said">
        ${lines.map((line) => html`<${Turn} key=${line.item_id} ...${line} />`)}
      </ol>
      <${Announcer} turns=${practice.turns} />
      <${ErrorNote} error=${error} />
      ${connected && html`<${Composer} />`}
    </section>`;
}

function Unfinished({ found }) {
  const { run, busy, error } = useAction(finishUnfinished);
  return html`
    <div class="note unfinished">
      <p>A practice with ${found.turns.length} turns is not finished.</p>
      <${Button} small busy=${busy} onClick=${run}>Finish and save<//>
    </div>
    <${ErrorNote} error=${error} />`;
}

export default function Practice({ query }) {
  const { practice, unfinished, error, saved } = useStore(practising);
  const summary = useLoad(() => call("GET", "voice-conversations/summary/"));
  useEffect(() => {
    recall().catch((failure) => practising.update({ error: failure }));
  }, []);
  useEffect(() => {
    if (!saved) return;
    practising.update({ saved: null });
    go(`/conversation/${saved.id}`);
  }, [saved]);
  return html`
    <${Screen} title=${practice ? practice.topic : "Practise"}
      about=${practice ? practice.language : "Talk with the AI tutor. What you say is saved and corrected afterwards."}>
      ${practice
        ? html`<${Room} practice=${practice} error=${error} />`
        : html`
          <${ErrorNote} error=${error} />
          ${unfinished && html`<${Unfinished} found=${unfinished} />`}
          <${Loaded} of=${summary}>${(data) => html`<${Beginning} summary=${data} query=${query} />`}<//>`}
    <//>`;
}
