// The dialog of a teacher's comment: on a turn, or on the whole conversation.

import { html, useState } from "../vendor/preact.js";
import { call, persist } from "../api.js";
import { useAction } from "../hooks.js";
import { Button, Dialog, ErrorNote, Field, submitted } from "../ui/index.js";

// `comment`: a stored one, {turn, said} of a turn, or {} for the whole conversation.
export function CommentForm({ path, comment, saved, onClose }) {
  const [client_id] = useState(() => crypto.randomUUID()); // a repeated request stores one comment
  const onTurn = Number.isInteger(comment.turn);
  const { run, busy, error } = useAction(async (fields) => {
    if (comment.id) await call("PATCH", `${path}${comment.id}/`, fields);
    else await persist("POST", path, { ...fields, ...(onTurn && { turn: comment.turn }), client_id });
    saved();
  });
  return html`
    <${Dialog} title=${comment.id ? "Edit comment" : "Comment"} onClose=${onClose}>
      <form class="stack" onSubmit=${submitted(run)}>
        ${comment.said && html`<blockquote dir="auto">${comment.said}</blockquote>`}
        ${onTurn && html`
          <${Field} label="Words to correct" name="quote" maxlength="2000" dir="auto" error=${error}
            defaultValue=${comment.quote ?? ""} hint="As they stand in the turn; empty means the whole turn" />
          <${Field} label="Better" name="corrected" maxlength="2000" dir="auto" error=${error}
            defaultValue=${comment.corrected ?? ""} hint="Becomes a card of the learner" />`}
        <${Field} label="Comment" name="text" as="textarea" required maxlength="2000" dir="auto" error=${error}
          defaultValue=${comment.text ?? ""} />
        <${ErrorNote} error=${error} />
        <div class="row"><${Button} type="submit" busy=${busy}>Save<//></div>
      </form>
    <//>`;
}
