// The sign-in: one click as a demo person, or an address and a password.

import { html } from "./vendor/preact.js";
import { useAction } from "./hooks.js";
import { SITE, signIn, useSession } from "./session.js";
import { ThemeButton } from "./shell.js";
import { Avatar, Button, Card, ErrorNote, Field, Icon, Screen, submitted } from "./ui/index.js";

const GROUPS = [
  ["student", "Learners"],
  ["teacher", "Teachers"],
];

function People({ label, people, choose, busy }) {
  return html`
    <section class="stack">
      <h2>${label}</h2>
      <ul class="grid people">
        ${people.map((person) => html`
          <li key=${person.email}>
            <button type="button" class="person" disabled=${busy} onClick=${() => choose(person.email)}>
              <${Avatar} person=${person} />
              <span><b>${person.name}</b><span class="about soft small">${person.about}</span></span>
              <${Icon} name="next" />
            </button>
          </li>`)}
      </ul>
    </section>`;
}

export function SignIn({ error: failure }) {
  const { notice } = useSession();
  const { run, busy, error } = useAction(signIn);
  const choose = (email) => run({ email, password: SITE.password });
  return html`
    <main class="welcome">
      <div class="row between"><span class="brand"><${Icon} name="mark" />LinguaFlex</span><${ThemeButton} /></div>
      <${Screen} title="Speak. Be corrected. Remember."
        about="Practise a language with an AI tutor, ask a teacher, and review what you learned.">
        ${notice && html`<p class="note" role="status">${notice}</p>`}
        <${ErrorNote} error=${error ?? failure} />
        <p>This is a demo: choose a person. Everything you do is stored on this machine only.</p>
        ${GROUPS.map(([role, label]) => html`
          <${People} label=${label} people=${SITE.people.filter((person) => person.role === role)} choose=${choose}
            busy=${busy} />`)}
        <${Card} title="Another account">
          <form class="row login" onSubmit=${submitted(run)}>
            <${Field} label="E-mail" name="email" type="email" autocomplete="username" required />
            <${Field} label="Password" name="password" type="password" autocomplete="current-password" required />
            <${Button} kind="quiet" type="submit" busy=${busy}>Sign in<//>
          </form>
        <//>
      <//>
    </main>`;
}
