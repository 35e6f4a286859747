// Notices of staff, live, and reports of the user.

import { html } from "../vendor/preact.js";
import { call } from "../api.js";
import { useAction, useList } from "../hooks.js";
import { useUserEvents } from "../live.js";
import { Button, Empty, ErrorNote, Loaded, More, Pill, Screen } from "../ui/index.js";
import { dayOf, labelOf } from "../words.js";

function Notice({ notice, changed }) {
  const { run, busy, error } = useAction(async () => {
    await call("POST", `users/me/notices/${notice.id}/read/`);
    changed();
  });
  return html`
    <li class="entry">
      <p>${notice.text}</p>
      <p class="row small soft">
        <span>${dayOf(notice.created_at)}</span>
        ${!notice.read_at && html`<${Pill} kind="warm">New<//><${Button} kind="plain" small busy=${busy}
          onClick=${run}>Mark as read<//>`}
      </p>
      <${ErrorNote} error=${error} />
    </li>`;
}

const Report = ({ report }) => html`
  <li class="entry">
    <p>${labelOf(report.kind)}: ${labelOf(report.reason).toLowerCase()}</p>
    ${report.text && html`<p dir="auto" class="soft">${report.text}</p>`}
    <p class="row small soft">
      <span>${dayOf(report.created_at)}</span>
      ${report.state === "open"
        ? html`<${Pill} kind="gold">Staff will look at it<//>`
        : html`<${Pill} kind="good">Handled<//>`}
    </p>
  </li>`;

export default function Notices() {
  const [notices, reports] = [useList("users/me/notices/"), useList("reports/")];
  const notice = () => {
    notices.reload();
    reports.reload(); // the notice may say that a report was handled
  };
  useUserEvents({ joined: notice, notice });
  return html`
    <${Screen} title="Notices" about="What staff tell you, and what you have reported."
      action=${html`<${Button} kind="plain" icon="back" href="#/profile">Profile<//>`}>
      <section class="stack" aria-label="From staff">
        <h2>From staff</h2>
        <${Loaded} of=${notices} empty=${html`<${Empty} icon="bell" title="No notices" />`}>
          ${(rows) => html`
            <ul class="card entries">${rows.map((row) => html`<${Notice} key=${row.id} notice=${row}
              changed=${notices.reload} />`)}</ul>
            <${More} of=${notices} />`}
        <//>
      </section>
      <section class="stack" aria-label="My reports">
        <h2>My reports</h2>
        <${Loaded} of=${reports} empty=${html`<${Empty} icon="flag"
          title="No reports">People, gigs, messages and comments have a button for it.<//>`}>
          ${(rows) => html`
            <ul class="card entries">${rows.map((row) => html`<${Report} key=${row.id} report=${row} />`)}</ul>
            <${More} of=${reports} />`}
        <//>
      </section>
    <//>`;
}
