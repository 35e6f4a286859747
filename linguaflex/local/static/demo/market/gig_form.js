// The dialog of a gig: a new one, or a change.

import { html, useState } from "../vendor/preact.js";
import { call, persist } from "../api.js";
import { useAction } from "../hooks.js";
import { Button, Dialog, ErrorNote, Field, submitted } from "../ui/index.js";
import { listOf } from "../parts/lists.js";
import { CurrencyOptions } from "./offers.js";
import { Options } from "../parts/options.js";

const STATES = [["active", "On offer at once"], ["draft", "Draft, only I see it"]];

export function GigForm({ gig, saved, onClose }) {
  const [client_id] = useState(() => crypto.randomUUID()); // a repeated request creates one gig
  const { run, busy, error } = useAction(async ({ tags, session_minutes, ...texts }) => {
    const fields = { ...texts, tags: listOf(tags), session_minutes: Number(session_minutes) };
    if (gig.id) await call("PATCH", `gigs/${gig.id}/`, fields);
    else await persist("POST", "gigs/", { ...fields, client_id });
    saved();
  });
  return html`
    <${Dialog} title=${gig.id ? "Edit gig" : "New gig"} onClose=${onClose}>
      <form class="stack" onSubmit=${submitted(run)}>
        <${Field} label="Title" name="title" required maxlength="200" dir="auto" error=${error}
          defaultValue=${gig.title ?? ""} />
        <${Field} label="Description" name="description" as="textarea" required maxlength="10000" dir="auto"
          error=${error}
          defaultValue=${gig.description ?? ""} />
        <div class="fields">
          <${Field} label="Language" name="language" required maxlength="50" error=${error}
            defaultValue=${gig.language ?? ""} />
          <${Field} label="Minutes" name="session_minutes" type="number" min="1" max="1440" required error=${error}
            defaultValue=${gig.session_minutes ?? 60} />
          <${Field} label="Price of a session" name="price_per_session" type="number" min="0" step="0.01" required
            error=${error}
            defaultValue=${gig.price_per_session ?? ""} />
          <${Field} label="Currency" name="currency" as="select" error=${error}>
            <${CurrencyOptions} value=${gig.currency ?? "EUR"} />
          <//>
        </div>
        <${Field} label="Tags" name="tags" hint="Separated by commas" error=${error}
          defaultValue=${gig.tags?.join(", ") ?? ""} />
        <${Field} label="Included" name="what_is_included" maxlength="5000" dir="auto" error=${error}
          defaultValue=${gig.what_is_included ?? ""} />
        ${!gig.id && html`<${Field} label="State" name="status" as="select"><${Options} of=${STATES}
          value="active" /><//>`}
        <${ErrorNote} error=${error} />
        <div class="row"><${Button} type="submit" busy=${busy}>Save<//></div>
      </form>
    <//>`;
}
