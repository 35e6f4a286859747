// The own data: download everything, or delete the account.

import { html, useState } from "../vendor/preact.js";
import { call, download } from "../api.js";
import { supabase } from "../client.js";
import { useAction } from "../hooks.js";
import { session, signOut, useProfile } from "../session.js";
import { Button, Card, Dialog, ErrorNote, Field, Screen, submitted } from "../ui/index.js";

function Export() {
  const { run, busy, error } = useAction(() => download("users/me/export/", "linguaflex-export.json"));
  return html`
    <${Card} title="Download everything">
      <div class="stack">
        <p>One JSON file with your profile, conversations, cards, messages and all else that is stored about you.</p>
        <div><${Button} kind="quiet" icon="download" busy=${busy} onClick=${run}>Download<//></div>
        <${ErrorNote} error=${error} />
      </div>
    <//>`;
}

// The API asks for a sign-in of the last 15 minutes.
function Deletion({ email, onClose }) {
  const [mustSignIn, setMustSignIn] = useState(false);
  const { run, busy, error } = useAction(async ({ confirm, password }) => {
    if (mustSignIn) {
      const { error: refused } = await supabase.auth.signInWithPassword({ email, password });
      if (refused) throw refused;
    }
    try {
      await call("DELETE", "users/me/", { confirm });
    } catch (failure) {
      if (failure.code === "reauthentication_required") setMustSignIn(true);
      throw failure;
    }
    await signOut();
    session.update({ notice: "Your account is deleted." });
  });
  return html`
    <${Dialog} title="Delete the account?" onClose=${onClose}>
      <form class="stack" onSubmit=${submitted(run)}>
        <p>
          Conversations, cards, gigs and files are deleted. Your chat messages become empty. Nothing can be restored.
        </p>
        <${Field} label="Your e-mail address" name="confirm" required autocomplete="off" placeholder=${email}
          error=${error} />
        ${mustSignIn && html`
          <${Field} label="Password" name="password" type="password" autocomplete="current-password" required />`}
        <${ErrorNote} error=${error} />
        <div class="row">
          <${Button} kind="danger" type="submit" busy=${busy}>Delete my account<//>
          <${Button} kind="quiet" onClick=${onClose}>Cancel<//>
        </div>
      </form>
    <//>`;
}

export default function Account() {
  const { email } = useProfile();
  const [asking, setAsking] = useState(false);
  return html`
    <${Screen} title="My data" about="It belongs to you: take it with you, or delete it."
      action=${html`<${Button} kind="plain" icon="back" href="#/profile">Profile<//>`}>
      <${Export} />
      <${Card} title="Delete the account">
        <div class="stack">
          <p>At once and for ever.</p>
          <div><${Button} kind="danger" icon="trash" onClick=${() => setAsking(true)}>Delete my account<//></div>
        </div>
      <//>
      ${asking && html`<${Deletion} email=${email} onClose=${() => setAsking(false)} />`}
    <//>`;
}
