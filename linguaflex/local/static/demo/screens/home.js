// Home: the streak, the minutes, the due cards, eight weeks as charts, and what to practise next.

import { html } from "../vendor/preact.js";
import { call } from "../api.js";
import { useLoad } from "../hooks.js";
import { useUserEvents } from "../live.js";
import { useProfile } from "../session.js";
import { Button, Card, Empty, Icon, Loaded, Pill, Said, Screen } from "../ui/index.js";
import { Chart } from "../ui/charts.js";
import { ConversationItem, FIELDS } from "../ui/conversation_item.js";
import { TopicLinks } from "../ui/feedback.js";
import { count } from "../words.js";

const WEEKS = 8;
const score = (key) => ({ average_scores }) => average_scores[key];
const SCORES = [
  { label: "Grammar", stroke: "--chart-1", valueOf: score("grammar_score") },
  { label: "Pronunciation", stroke: "--chart-2", valueOf: score("pronunciation_score") },
];
const MINUTES = [{ label: "Minutes", stroke: "--chart-1", bars: true, valueOf: ({ minutes }) => minutes }];

const load = async () => {
  const voice = ["summary/", "progress/?interval=week", `?limit=3&fields=${FIELDS}`];
  const paths = [...voice.map((path) => `voice-conversations/${path}`), "cards/summary/"];
  const [summary, progress, latest, cards] = await Promise.all(paths.map((path) => call("GET", path)));
  return { summary, progress, latest, cards };
};

const Figure = ({ icon, value, unit, label, href }) => html`
  <div class="figure">
    <dt><${Icon} name=${icon} />${label}</dt>
    <dd>${value} <span>${unit}</span>${href && html`<a href=${href}>Review</a>`}</dd>
  </div>`;

const unitOf = (number, noun) => count(number, noun).split(" ")[1];

const Figures = ({ summary, cards }) => html`
  <dl class="figures">
    <${Figure} icon="flame" label="Streak" value=${summary.current_streak_days}
      unit=${unitOf(summary.current_streak_days, "day")} />
    <${Figure} icon="clock" label="Practised" value=${summary.total_duration_minutes}
      unit=${unitOf(summary.total_duration_minutes, "minute")} />
    <${Figure} icon="cards" label="Cards due" value=${cards.due_now} unit=${unitOf(cards.due_now, "card")}
      href=${cards.due_now > 0 && "#/review"} />
  </dl>`;

function trendIn({ trend }) {
  const change = trend.grammar_score?.change;
  if (typeof change !== "number" || change === 0) return null;
  const points = `${change > 0 ? "+" : ""}${Math.round(change)}`;
  return html`<${Pill} kind=${change > 0 ? "good" : "warm"}>Grammar ${points} in 30 days<//>`;
}

const Charts = ({ progress }) => {
  const series = progress.series.slice(-WEEKS);
  return html`
    <${Card} title="Your last weeks" action=${trendIn(progress)}>
      <div class="charts">
        <${Chart} title="Minutes a week" series=${series} lines=${MINUTES} />
        <${Chart} title="Scores a week" series=${series} lines=${SCORES} top=${100} />
      </div>
    <//>`;
};

const Next = ({ summary }) => html`
  <${Card} title="Talk about next">
    <div class="stack">
      <${TopicLinks} topics=${summary.suggested_next_topics.slice(0, 5)} />
      ${summary.top_areas_for_improvement.length > 0 && html`
        <div><h3>You often miss</h3>
          <ul class="row">${summary.top_areas_for_improvement.slice(0, 4).map(({ area, count: times }) => html`
            <li key=${area}><${Pill} kind="warm"><${Said}>${area}<//> × ${times}<//></li>`)}</ul></div>`}
    </div>
  <//>`;

const Latest = ({ latest }) => html`
  <${Card} title="Latest conversations" action=${html`<a href="#/history">All</a>`}>
    <ul class="conversations">
      ${latest.map((row) => html`<li key=${row.id}><${ConversationItem} conversation=${row} /></li>`)}
    </ul>
  <//>`;

const Beginner = () => html`
  <${Empty} icon="mic" title="Have your first conversation"
    action=${html`<${Button} href="#/practice" icon="mic">Begin to practise<//>`}>
    Five minutes are enough. The AI tutor answers, corrects you afterwards, and makes cards of your mistakes.
  <//>`;

export default function Home() {
  const { name } = useProfile();
  const state = useLoad(load);
  useUserEvents({ feedback: state.reload, comment: state.reload });
  return html`
    <${Screen} title=${`Hello, ${name.split(" ")[0] || "there"}`} about="A little every day keeps a language alive."
      action=${html`<${Button} href="#/practice" icon="mic">Practise<//>`}>
      <${Loaded} of=${state}>
        ${(data) => html`
          <${Figures} ...${data} />
          ${data.latest.length === 0 ? html`<${Beginner} />` : html`
            <${Charts} ...${data} />
            <div class="halves">
              <${Next} ...${data} />
              <${Latest} ...${data} />
            </div>`}`}
      <//>
    <//>`;
}
