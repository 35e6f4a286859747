// How many cards are due on the next days.

import { html } from "../vendor/preact.js";
import { Card } from "../ui/index.js";
import { count } from "../words.js";

const nameOf = (day, index) => {
  if (index < 2) return ["Today", "Tomorrow"][index];
  return new Date(`${day}T12:00`).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "short" });
};

export function Forecast({ summary: { forecast, retention_last_30_days: retention, streak } }) {
  const days = forecast.map(({ day, due }, index) => [nameOf(day, index), due]).filter(([, due]) => due > 0);
  return html`
    <${Card} title="The next two weeks">
      <div class="stack">
        <p>
          ${streak > 0 && `${count(streak, "day")} in a row. `}
          ${retention !== null && `In 30 days, you remembered ${Math.round(100 * retention)} % of your reviews.`}
        </p>
        ${days.length === 0 ? html`<p class="soft">No card comes back in this time.</p>` : html`
          <dl class="forecast">
            ${days.map(([name, due]) => html`<div key=${name}><dt>${name}</dt><dd>${count(due, "card")}</dd></div>`)}
          </dl>`}
      </div>
    <//>`;
}
