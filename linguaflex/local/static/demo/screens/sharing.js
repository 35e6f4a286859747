// Part of the conversation screen: the teachers to whom it is open.

import { html, useState } from "../vendor/preact.js";
import { call, withParameters } from "../api.js";
import { useAction, useLoad } from "../hooks.js";
import { useUserEvents } from "../live.js";
import { Avatar, Button, Card, Dialog, Empty, ErrorNote, Loaded, toast } from "../ui/index.js";

// Teachers of the language, or else all.
async function findTeachers(language) {
  const found = await call("GET", withParameters("teachers/", { language, limit: 20 }));
  return found.length ? found : call("GET", "teachers/?limit=20");
}

function Choice({ conversation, known, share, onClose }) {
  const teachers = useLoad(() => findTeachers(conversation.target_language));
  const choose = useAction(async (teacher) => {
    await share(teacher);
    onClose();
  });
  const isNew = ({ id }) => !known.includes(id);
  return html`
    <${Dialog} title="Share with a teacher" onClose=${onClose}>
      <div class="stack">
        <p>The teacher can read and correct this conversation, until you take it back. Nothing else of yours is open.</p>
        <${ErrorNote} error=${choose.error} />
        <${Loaded} of=${teachers} empty=${html`<${Empty} icon="teacher" title="There are no teachers yet" />`}>
          ${(found) => html`
            <ul class="people-list">
              ${found.filter(isNew).map((teacher) => html`
                <li key=${teacher.id} class="row">
                  <${Avatar} person=${teacher} />
                  <span><b>${teacher.name}</b><span class="soft small">${teacher.headline}</span></span>
                  <${Button} small kind="quiet" busy=${choose.busy} onClick=${() => choose.run(teacher)}
                    label=${`Share with ${teacher.name}`}>Share<//>
                </li>`)}
            </ul>`}
        <//>
      </div>
    <//>`;
}

// `removed`: a reference that is true while the conversation is deleted, which ends its shares.
export function Sharing({ conversation, removed }) {
  const path = `voice-conversations/${conversation.id}/shares/`;
  const shares = useLoad(() => call("GET", path), [path]);
  const [choosing, setChoosing] = useState(false);
  useUserEvents({ share: ({ conversation: id }) => id === conversation.id && !removed.current && shares.reload() });
  const share = async ({ id, name }) => {
    await call("POST", path, { teacher: id });
    await shares.reload();
    toast(`${name} can read this conversation.`);
  };
  const takeBack = useAction(async ({ id, name }) => {
    await call("DELETE", `${path}${id}/`);
    await shares.reload();
    toast(`${name} cannot read it any more.`);
  });
  return html`
    <${Card} title="Teachers" class="sharing">
      <div class="stack">
        <${ErrorNote} error=${takeBack.error} />
        <${Loaded} of=${shares} empty=${html`<p class="soft">Only you can read this conversation.</p>`}>
          ${(rows) => html`
            <ul class="people-list">
              ${rows.map(({ teacher }) => html`
                <li key=${teacher.id} class="row">
                  <${Avatar} person=${teacher} />
                  <b>${teacher.name}</b>
                  <${Button} small kind="quiet" busy=${takeBack.busy} onClick=${() => takeBack.run(teacher)}
                    label=${`Take back from ${teacher.name}`}>Take back<//>
                </li>`)}
            </ul>`}
        <//>
        <div><${Button} kind="quiet" icon="share" onClick=${() => setChoosing(true)}>Share with a teacher<//></div>
      </div>
      ${choosing && html`
        <${Choice} conversation=${conversation} known=${(shares.data ?? []).map(({ teacher }) => teacher.id)}
          share=${share} onClose=${() => setChoosing(false)} />`}
    <//>`;
}
