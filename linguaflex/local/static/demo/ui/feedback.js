// The feedback on a conversation: scores, a level, and what to practise.

import { html } from "../vendor/preact.js";
import { withParameters } from "../api.js";
import { labelOf } from "../words.js";
import { Pill, Said } from "./basics.js";

const SCORES = ["grammar_score", "pronunciation_score"];
const LISTS = ["areas_for_improvement", "suggested_next_topics"];
const OWN_PLACE = ["cefr_estimate", "corrections", ...SCORES, ...LISTS];

// The generated feedback with the saved ai_feedback, whose keys win. Unknown keys may have any JSON value.
export const mergedFeedback = ({ generated_feedback, ai_feedback }) => ({ ...generated_feedback, ...ai_feedback });

const wordsOf = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

function Score({ name, value }) {
  const known = typeof value === "number";
  const label = labelOf(name.replace("_score", ""));
  return html`
    <div class="score">
      <dt>${label}</dt>
      <dd>${known ? value : "no score"}</dd>
      ${known && html`<meter min="0" max="100" value=${value} aria-hidden="true">${value}</meter>`}
    </div>`;
}

// Topics that lead to a practice.
export const TopicLinks = ({ topics }) => html`
  <ul class="row topic-links">
    ${topics.map((topic) => html`
      <li key=${topic}>
        <a class="pill good" href=${withParameters("#/practice", { topic })}><${Said}>${topic}<//></a>
      </li>`)}
  </ul>`;

export function Feedback({ feedback }) {
  const { cefr_estimate: level, areas_for_improvement: areas = [], suggested_next_topics: topics = [] } = feedback;
  const isRemark = ([key, value]) => !OWN_PLACE.includes(key) && value !== null && value !== "";
  const remarks = Object.entries(feedback).filter(isRemark);
  const names = SCORES.filter((key) => key in feedback);
  return html`
    <div class="stack feedback">
      ${level && html`<div><${Pill} kind="gold">CEFR estimate: ${wordsOf(level)}<//></div>`}
      ${names.length > 0 && html`
        <dl class="scores">${names.map((name) => html`<${Score} name=${name} value=${feedback[name]} />`)}</dl>`}
      ${areas.length > 0 && html`
        <div><h3>To improve</h3><ul class="row">${areas.map((area) => html`
          <li key=${area}><${Pill} kind="warm"><${Said}>${area}<//><//></li>`)}</ul></div>`}
      ${remarks.length > 0 && html`<dl class="remarks">${remarks.map(([key, value]) => html`
        <div key=${key}><dt>${labelOf(key)}</dt><dd><${Said}>${wordsOf(value)}<//></dd></div>`)}</dl>`}
      ${topics.length > 0 && html`<div><h3>Talk about next</h3><${TopicLinks} topics=${topics} /></div>`}
    </div>`;
}
