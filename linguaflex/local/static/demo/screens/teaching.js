// For teachers: their teaching profile and gigs. Others become a teacher here.

import { html, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { useAction, useList } from "../hooks.js";
import { GigForm } from "../market/gig_form.js";
import { linesOf } from "../parts/lists.js";
import { Gig } from "../market/offers.js";
import { refreshProfile, useProfile } from "../session.js";
import {
  Button, Card, Confirm, Empty, ErrorNote, Field, Loaded, More, Pill, Screen, submitted, toast,
} from "../ui/index.js";

function TeachingForm({ teacher }) {
  const { run, busy, error } = useAction(async ({ certificates, experience_years, ...texts }) => {
    const fields = { ...texts, certificates: linesOf(certificates), experience_years: Number(experience_years) };
    if (teacher) await call("PATCH", "teachers/me/", fields);
    else await call("POST", "teachers/", fields);
    toast(teacher ? "Saved." : "You are a teacher now.");
    await refreshProfile();
  });
  return html`
    <${Card} title="Teaching profile">
      <form class="stack" onSubmit=${submitted(run)}>
        <${Field} label="Headline" name="headline" required maxlength="150" dir="auto" error=${error}
          defaultValue=${teacher?.headline ?? ""} />
        <${Field} label="About" name="about" as="textarea" maxlength="5000" dir="auto" error=${error}
          defaultValue=${teacher?.about ?? ""} />
        <div class="fields">
          <${Field} label="Qualification" name="qualification" maxlength="200" dir="auto" error=${error}
            defaultValue=${teacher?.qualification ?? ""} />
          <${Field} label="Years of experience" name="experience_years" type="number" min="0" max="80" required
            error=${error}
            defaultValue=${teacher?.experience_years ?? 0} />
        </div>
        <${Field} label="Certificates" name="certificates" as="textarea" hint="One a line" dir="auto" error=${error}
          defaultValue=${teacher?.certificates.join("\n") ?? ""} />
        <${ErrorNote} error=${error} />
        <div class="row"><${Button} type="submit" busy=${busy}>${teacher ? "Save" : "Become a teacher"}<//></div>
      </form>
    <//>`;
}

const STATES = {
  draft: ["gold", "Draft"],
  active: ["good", "On offer"],
  paused: ["", "Paused"],
  suspended: ["bad", "Suspended by staff"],
};

function OwnGig({ gig, changed, edit, remove }) {
  const [kind, label] = STATES[gig.status];
  const verb = gig.status === "active" ? "pause" : "activate";
  const { run, busy, error } = useAction(async () => {
    await call("POST", `gigs/${gig.id}/${verb}/`);
    changed();
  });
  return html`
    <${Gig} gig=${gig}>
      <p class="row small"><${Pill}
        kind=${kind}>${label}<//>${gig.suspension_reason && html`<span>${gig.suspension_reason}</span>`}</p>
      <p class="row">
        <${Button} kind="plain" small icon="edit" onClick=${() => edit(gig)}>Edit<//>
        ${gig.status !== "suspended" && html`
          <${Button} kind="plain" small busy=${busy} onClick=${run}>${verb === "pause" ? "Pause" : "Put on offer"}<//>
          <${Button} kind="plain" small icon="trash" onClick=${() => remove(gig)}>Delete<//>`}
      </p>
      <${ErrorNote} error=${error} />
    <//>`;
}

function OwnGigs() {
  const list = useList("gigs/mine/");
  const [edited, setEdited] = useState(null); // a gig, or {} for a new one
  const [removed, setRemoved] = useState(null);
  const saved = () => {
    setEdited(null);
    toast("Gig saved.");
    list.reload();
  };
  const remove = async () => {
    await call("DELETE", `gigs/${removed.id}/`);
    list.reload();
  };
  return html`
    <section class="stack" aria-label="My gigs">
      <div class="row between"><h2>My gigs</h2><${Button} icon="plus" small
        onClick=${() => setEdited({})}>New gig<//></div>
      <${Loaded} of=${list} empty=${html`<${Empty} icon="teacher"
        title="No gigs yet">Learners find you once a gig is on offer.<//>`}>
        ${(gigs) => html`
          <ul class="stack">
            ${gigs.map((gig) => html`
              <li key=${gig.id}><${OwnGig} gig=${gig} changed=${list.reload} edit=${setEdited}
                remove=${setRemoved} /></li>`)}
          </ul>
          <${More} of=${list} />`}
      <//>
      ${edited && html`<${GigForm} gig=${edited} saved=${saved} onClose=${() => setEdited(null)} />`}
      ${removed && html`
        <${Confirm} title="Delete this gig?" label="Delete" action=${remove} onClose=${() => setRemoved(null)}>
          <span dir="auto">${removed.title}</span>
        <//>`}
    </section>`;
}

export default function Teaching() {
  const { id, teacher } = useProfile();
  const about = teacher ? "What learners read about you." : "Tell learners what you teach, then add a gig.";
  return html`
    <${Screen} title=${teacher ? "My offer" : "Become a teacher"} about=${about}
      action=${teacher && html`<${Button} kind="plain" href="#/teachers/${id}">As learners see it<//>`}>
      ${teacher && html`<${OwnGigs} />`}
      <${TeachingForm} teacher=${teacher} />
    <//>`;
}
