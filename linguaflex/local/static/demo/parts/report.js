// A report of a user, gig, message or comment to the staff.

import { html, useState } from "../vendor/preact.js";
import { persist } from "../api.js";
import { useAction } from "../hooks.js";
import { Button, Dialog, ErrorNote, Field, submitted, toast } from "../ui/index.js";
import { Options } from "./options.js";

const REASONS = [
  ["spam", "Spam"], ["harassment", "Harassment"], ["scam", "Scam"], ["inappropriate", "Inappropriate content"],
  ["other", "Something else"],
];
const NAMES = { user: "this person", gig: "this gig", message: "this message", comment: "this comment" };

export function ReportForm({ kind, id, onClose }) {
  // While the report is open, a repeated request returns it.
  const { run, busy, error } = useAction(async (fields) => {
    await persist("POST", "reports/", { kind, id, ...fields });
    toast("Reported. Staff will look at it.");
    onClose();
  });
  return html`
    <${Dialog} title="Report ${NAMES[kind]}" onClose=${onClose}>
      <form class="stack" onSubmit=${submitted(run)}>
        <${Field} label="Reason" name="reason" as="select" error=${error}><${Options} of=${REASONS}
          value="spam" /><//>
        <${Field} label="What happened?" name="text" as="textarea" maxlength="2000" dir="auto" error=${error} />
        <${ErrorNote} error=${error} />
        <div class="row"><${Button} type="submit" busy=${busy}>Send the report<//></div>
      </form>
    <//>`;
}

export function ReportButton({ kind, id }) {
  const [open, setOpen] = useState(false);
  return html`
    <${Button} kind="plain" icon="flag" small onClick=${() => setOpen(true)}>Report<//>
    ${open && html`<${ReportForm} kind=${kind} id=${id} onClose=${() => setOpen(false)} />`}`;
}
