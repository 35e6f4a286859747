// The own profile: picture, languages, time zone, and the settings of cards.

import { html, useRef } from "../vendor/preact.js";
import { call } from "../api.js";
import { useAction } from "../hooks.js";
import { listOf } from "../parts/lists.js";
import { Options } from "../parts/options.js";
import { refreshProfile, session, useProfile } from "../session.js";
import { Avatar, Button, Card, ErrorNote, Field, Screen, submitted, toast } from "../ui/index.js";

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => [zone, zone.replaceAll("_", " ")]);
const PICTURES = "image/jpeg,image/png,image/webp,image/gif";

function Picture({ profile }) {
  const input = useRef();
  const upload = useAction(async () => {
    const form = new FormData();
    form.append("profile_picture", input.current.files[0]);
    input.current.value = ""; // the same file can be chosen again
    await call("PUT", "users/me/profile-picture/", form);
    await refreshProfile();
    toast("Picture saved.");
  });
  const remove = useAction(async () => {
    await call("DELETE", "users/me/profile-picture/");
    await refreshProfile();
    toast("Picture removed.");
  });
  const busy = upload.busy || remove.busy;
  return html`
    <${Card} title="Picture">
      <div class="row">
        <${Avatar} person=${profile} size="large" />
        <input type="file" class="only-spoken" id="picture" accept=${PICTURES} tabindex="-1" aria-label="Picture file"
          ref=${input} onChange=${upload.run} />
        <${Button} kind="quiet" icon="image" busy=${busy} onClick=${() => input.current.click()}>Choose a picture<//>
        ${profile.profile_picture && html`<${Button} kind="plain" busy=${busy} onClick=${remove.run}>Remove<//>`}
      </div>
      <p class="soft small">JPEG, PNG, WebP or GIF, up to 5 MB.</p>
      <${ErrorNote} error=${upload.error ?? remove.error} />
    <//>`;
}

const About = ({ profile, error }) => html`
  <${Card} title="About you">
    <div class="fields">
      <${Field} label="Name" name="name" maxlength="150" autocomplete="name" dir="auto" error=${error}
        defaultValue=${profile.name} />
      <${Field} label="Native language" name="native_language" maxlength="50" error=${error}
        defaultValue=${profile.native_language} />
      <${Field} label="Learning" name="learning_languages" hint="Separated by commas" error=${error}
        defaultValue=${profile.learning_languages.join(", ")} />
      <${Field} label="Time zone" name="timezone" as="select" hint="Decides when your day ends, for streaks"
        error=${error}>
        <${Options} of=${ZONES} value=${profile.timezone} />
      <//>
      <${Field} label="City" name="city" maxlength="100" dir="auto" error=${error} defaultValue=${profile.city} />
      <${Field} label="Country" name="country" maxlength="100" dir="auto" error=${error}
        defaultValue=${profile.country} />
      <${Field} label="Phone" name="phone_number" type="tel" maxlength="32" hint="Only you see it" error=${error}
        defaultValue=${profile.phone_number} />
      <${Field} label="Date of birth" name="date_of_birth" type="date" hint="Only you see it" error=${error}
        defaultValue=${profile.date_of_birth ?? ""} />
    </div>
    <${Field} label="About" name="bio" as="textarea" maxlength="2000" dir="auto" error=${error}
      defaultValue=${profile.bio} />
  <//>`;

const Learning = ({ profile, error }) => html`
  <${Card} title="Cards">
    <div class="fields">
      <${Field} label="Corrections become cards" name="auto_cards" as="select" error=${error}>
        <${Options} of=${[["true", "Yes"], ["false", "No"]]} value=${String(profile.auto_cards)} />
      <//>
      <${Field} label="Wanted retention" name="desired_retention" type="number" min="0.7" max="0.97"
        step="0.01" required
        hint="The share of right answers at which a card comes back" error=${error}
        defaultValue=${profile.desired_retention} />
      <${Field} label="Reviews a day" name="reviews_per_day" type="number" min="1" max="9999" required error=${error}
        defaultValue=${profile.reviews_per_day} />
    </div>
  <//>`;

const fieldsOf = (form) => ({
  ...form,
  learning_languages: listOf(form.learning_languages),
  date_of_birth: form.date_of_birth || null,
  auto_cards: form.auto_cards === "true",
  desired_retention: Number(form.desired_retention),
  reviews_per_day: Number(form.reviews_per_day),
});

export default function Profile() {
  const profile = useProfile();
  const { run, busy, error } = useAction(async (form) => {
    session.update({ profile: await call("PATCH", "users/me/", fieldsOf(form)) });
    toast("Profile saved.");
  });
  return html`
    <${Screen} title="Profile" about=${profile.email}>
      <nav class="row" aria-label="Account">
        <${Button} kind="quiet" small icon="teacher"
          href="#/teaching">${profile.teacher ? "My offer" : "Become a teacher"}<//>
        <${Button} kind="quiet" small icon="bell" href="#/notices">Notices and reports<//>
        <${Button} kind="quiet" small icon="download" href="#/account">My data<//>
      </nav>
      <${Picture} profile=${profile} />
      <form class="stack" onSubmit=${submitted(run)}>
        <${About} profile=${profile} error=${error} />
        <${Learning} profile=${profile} error=${error} />
        <${ErrorNote} error=${error} />
        <div class="row"><${Button} type="submit" busy=${busy}>Save<//></div>
      </form>
    <//>`;
}
