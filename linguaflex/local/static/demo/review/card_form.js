// The dialog of a card: a new one, or a change of its texts.

import { html, useState } from "../vendor/preact.js";
import { call, persist } from "../api.js";
import { useAction } from "../hooks.js";
import { useProfile } from "../session.js";
import { Button, Dialog, ErrorNote, Field, submitted } from "../ui/index.js";

export function CardForm({ card, saved, onClose }) {
  const { learning_languages: languages } = useProfile();
  const [client_id] = useState(() => crypto.randomUUID()); // a repeated request creates one card
  const { run, busy, error } = useAction(async (fields) => {
    if (card.id) await call("PATCH", `cards/${card.id}/`, fields);
    else await persist("POST", "cards/", { ...fields, client_id });
    saved();
  });
  return html`
    <${Dialog} title=${card.id ? "Edit card" : "New card"} onClose=${onClose}>
      <form class="stack" onSubmit=${submitted(run)}>
        <${Field} label="Front" name="front" as="textarea" required maxlength="10000" dir="auto" error=${error}
          defaultValue=${card.front ?? ""} hint="Put ** around the mistake: Yo **soy** cansada" />
        <${Field} label="Back" name="back" as="textarea" required maxlength="10000" dir="auto" error=${error}
          defaultValue=${card.back ?? ""} />
        <${Field} label="Note" name="note" maxlength="2000" dir="auto" error=${error}
          defaultValue=${card.note ?? ""} />
        <${Field} label="Language" name="language" required=${!card.id} maxlength="50" error=${error}
          defaultValue=${card.language_code ?? languages[0] ?? ""} />
        <${ErrorNote} error=${error} />
        <div class="row"><${Button} type="submit" busy=${busy}>Save<//></div>
      </form>
    <//>`;
}
