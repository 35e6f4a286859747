// One teacher: profile, gigs, and a way to write.

import { html } from "../vendor/preact.js";
import { call } from "../api.js";
import { useAction, useLoad } from "../hooks.js";
import { Gig } from "../market/offers.js";
import { ReportButton } from "../parts/report.js";
import { go } from "../router.js";
import { useProfile } from "../session.js";
import { Avatar, Button, Card, Empty, ErrorNote, Loaded, Pill, Screen } from "../ui/index.js";
import { count } from "../words.js";

const Fact = ({ label, children }) => children && html`<div><dt>${label}</dt><dd dir="auto">${children}</dd></div>`;

function About({ teacher }) {
  return html`
    <${Card} title="About">
      <div class="stack">
        ${teacher.about && html`<p dir="auto">${teacher.about}</p>`}
        ${teacher.bio && html`<p dir="auto">${teacher.bio}</p>`}
        <dl class="facts">
          <${Fact} label="Qualification">${teacher.qualification}<//>
          <${Fact} label="Experience">${teacher.experience_years ? count(teacher.experience_years, "year") : ""}<//>
          <${Fact} label="Certificates">${teacher.certificates.join(", ")}<//>
          <${Fact} label="Native language">${teacher.native_language}<//>
          <${Fact} label="Lives in">${[teacher.city, teacher.country].filter(Boolean).join(", ")}<//>
        </dl>
      </div>
    <//>`;
}

function WriteTo({ teacher }) {
  const { run, busy, error } = useAction(async () => {
    const chat = await call("POST", "supabase/chats/", { participant: teacher.id });
    go(`/chats/${chat.id}`);
  });
  return html`
    <div class="row">
      <${Button} icon="chat" busy=${busy} onClick=${run}>Write to ${teacher.name.split(" ")[0]}<//>
      <${ReportButton} kind="user" id=${teacher.id} />
    </div>
    <${ErrorNote} error=${error} />`;
}

function Page({ teacher }) {
  const me = useProfile();
  const isMine = teacher.id === me.id;
  return html`
    <div class="row hero">
      <${Avatar} person=${teacher} size="large" />
      <div class="stack">
        <p class="lead" dir="auto">${teacher.headline}</p>
        <p class="row small">${teacher.is_verified && html`<${Pill} kind="good" icon="check">Verified<//>`}</p>
        ${isMine ? html`<p><${Button} kind="quiet" icon="edit" href="#/teaching">Edit my offer<//></p>`
          : html`<${WriteTo} teacher=${teacher} />`}
      </div>
    </div>
    <${About} teacher=${teacher} />
    <section class="stack" aria-label="Gigs">
      <h2>${count(teacher.gigs_count, "gig")}</h2>
      ${teacher.gigs.length === 0 && html`<${Empty} icon="teacher" title="Nothing on offer">Write and ask.<//>`}
      ${teacher.gigs.map((gig) => html`
        <${Gig} key=${gig.id} gig=${gig}>${!isMine && html`<p><${ReportButton} kind="gig" id=${gig.id} /></p>`}<//>`)}
    </section>`;
}

export default function Teacher({ params: { id } }) {
  const state = useLoad(() => call("GET", `teachers/${id}/`), [id]);
  return html`
    <${Screen} title=${state.data?.name ?? "Teacher"} action=${html`<${Button} kind="plain" icon="back"
      href="#/teachers">All teachers<//>`}>
      <${Loaded} of=${state}>${(teacher) => html`<${Page} teacher=${teacher} />`}<//>
    <//>`;
}
