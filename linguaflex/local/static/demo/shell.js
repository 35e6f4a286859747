// The frame around the screens: the navigation, the person who is signed in, and the switch of light and dark.

import { html, useState } from "./vendor/preact.js";
import { signOut, useProfile } from "./session.js";
import { Avatar, Button, Dialog, Icon, Toasts } from "./ui/index.js";

const IN_BAR = 4; // entries in the bar of a phone, besides "More"

export function ThemeButton() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme);
  const dark = theme === "dark";
  return html`<${Button} icon=${dark ? "sun" : "moon"} label=${dark ? "Light colours" : "Dark colours"}
    onClick=${() => setTheme(window.switchTheme())} />`;
}

const Brand = () => html`<a class="brand" href="#/"><${Icon} name="mark" />LinguaFlex</a>`;

function Tab({ path, nav, current, onClick }) {
  const Badge = nav.badge; // a component that draws a number, such as that of unread messages
  return html`
    <a class="tab" href="#${path}" aria-current=${current === path ? "page" : undefined} onClick=${onClick}>
      <${Icon} name=${nav.icon} /><span>${nav.label}</span>${Badge && html`<${Badge} />`}
    </a>`;
}

function Account({ profile }) {
  return html`
    <div class="account wide-only">
      <div class="row">
        <${Avatar} person=${profile} size="small" />
        <span class="small">${profile.name || profile.email}</span>
      </div>
      <div class="row between">
        <${Button} kind="plain" icon="leave" small onClick=${signOut}>Sign out<//>
        <${ThemeButton} />
      </div>
    </div>`;
}

function Navigation({ entries, current, profile }) {
  const [open, setOpen] = useState(false);
  const [first, rest] = [entries.slice(0, IN_BAR), entries.slice(IN_BAR)];
  const tab = (entry, { wide, close } = {}) => html`
    <li key=${entry.path} class=${wide ? "wide-only" : ""}><${Tab} ...${entry} current=${current} onClick=${close} /></li>`;
  return html`
    <nav class="tabs" aria-label="Main">
      <div class="wide-only"><${Brand} /></div>
      <ul>
        ${first.map((entry) => tab(entry))}
        ${rest.map((entry) => tab(entry, { wide: true }))}
        ${rest.length > 0 && html`
          <li class="narrow-only">
            <button class="tab" type="button" aria-haspopup="dialog" onClick=${() => setOpen(true)}>
              <${Icon} name="more" /><span>More</span>
            </button>
          </li>`}
      </ul>
      <${Account} profile=${profile} />
    </nav>
    ${open && html`
      <${Dialog} title="More" onClose=${() => setOpen(false)}>
        <ul class="grid menu">${rest.map((entry) => tab(entry, { close: () => setOpen(false) }))}</ul>
      <//>`}`;
}

// `screens` are those of the person's role.
export function Shell({ screens, current, children }) {
  const profile = useProfile();
  const entries = screens.filter(({ nav }) => nav).sort((a, b) => a.nav.place - b.nav.place);
  return html`
    <a class="skip" href="#content" onClick=${(event) => {
      event.preventDefault();
      document.querySelector("main h1")?.focus();
    }}>To the content</a>
    <div class="shell">
      <header class="top">
        <${Brand} />
        <div class="row">
          <${ThemeButton} />
          <${Button} icon="leave" label="Sign out" onClick=${signOut} />
          <${Avatar} person=${profile} size="small" />
        </div>
      </header>
      <${Navigation} entries=${entries} current=${current} profile=${profile} />
      <main id="content">${children}</main>
    </div>
    <${Toasts} />`;
}
