// The filters of a list. They stand in the address, so that a filtered list can be reloaded and sent to others.

import { html, useEffect, useId, useRef, useState } from "../vendor/preact.js";
import { withParameters } from "../api.js";
import { replace } from "../router.js";
import { Button } from "../ui/index.js";

const PAUSE_MS = 300; // from the last key press to the request

// `first` is always shown; a phone hides the children behind a button.
export function Filters({ path, first, children }) {
  const [form, timer, id] = [useRef(), useRef(), useId()];
  const [open, setOpen] = useState(false);
  const apply = () => replace(withParameters(path, Object.fromEntries(new FormData(form.current))));
  const later = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(apply, PAUSE_MS);
  };
  const now = (event) => {
    event.preventDefault();
    clearTimeout(timer.current);
    apply();
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return html`
    <form class="filters" role="search" aria-label="Filters" ref=${form} onInput=${later} onSubmit=${now}>
      <div class="first">
        ${first}
        <span class="narrow-only">
          <${Button} kind="quiet" aria-expanded=${open} aria-controls=${id}
            onClick=${() => setOpen(!open)}>Filters<//>
        </span>
      </div>
      <div id=${id} class=${open ? "others" : "others closed"}>${children}</div>
    </form>`;
}
