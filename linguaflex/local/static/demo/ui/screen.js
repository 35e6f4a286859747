// The frame of a screen's content.

import { html, useLayoutEffect, useRef } from "../vendor/preact.js";

let isFirst = true; // the focus stays at the start of a page that has just been opened

// The heading of the screen gets the focus after a navigation, so that screen readers read it and Tab continues there.
export function Screen({ title, about, action, lang, class: extra = "", children }) {
  const heading = useRef();
  useLayoutEffect(() => {
    if (!isFirst) heading.current.focus({ preventScroll: true });
    isFirst = false;
    window.scrollTo(0, 0);
  }, []);
  useLayoutEffect(() => {
    document.title = `${title} · LinguaFlex`;
  }, [title]);
  return html`
    <div class="screen ${extra}">
      <header>
        <div>
          <h1 ref=${heading} tabindex="-1" lang=${lang || undefined} dir="auto">${title}</h1>
          ${about && html`<p class="soft">${about}</p>`}
        </div>
        ${action}
      </header>
      ${children}
    </div>`;
}
