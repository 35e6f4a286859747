// Home: the streak, the minutes, the due cards, and what to practise next.

import { html } from "../vendor/preact.js";
import { call } from "../api.js";
import { useLoad } from "../hooks.js";
import { useProfile } from "../session.js";
import { Icon, Loaded, Screen } from "../ui/index.js";
import { count } from "../words.js";

const Figure = ({ icon, value, label }) => html`
  <div class="figure">
    <${Icon} name=${icon} />
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`;

const load = async () => {
  const [summary, cards] = await Promise.all([call("GET", "voice-conversations/summary/"), call("GET", "cards/summary/")]);
  return { summary, cards };
};

export default function Home() {
  const { name } = useProfile();
  const state = useLoad(load);
  return html`
    <${Screen} title=${`Hello, ${name.split(" ")[0] || "there"}`} about="A little every day keeps a language alive.">
      <${Loaded} of=${state}>
        ${({ summary, cards }) => html`
          <dl class="figures">
            <${Figure} icon="flame" label="Streak" value=${count(summary.current_streak_days, "day")} />
            <${Figure} icon="clock" label="Practised" value=${count(summary.total_duration_minutes, "minute")} />
            <${Figure} icon="cards" label="Cards due" value=${cards.due_now} />
          </dl>`}
      <//>
    <//>`;
}
