// The demo app: a screen for each address, after the sign-in.

import { html, render, useEffect, useState } from "./vendor/preact.js";
import { supabase } from "./client.js";
import { disableStyle, go, loadStyle, match, useRoute } from "./router.js";
import { SCREENS } from "./screens/index.js";
import { session, start, useSession } from "./session.js";
import { Shell } from "./shell.js";
import { SignIn } from "./sign_in.js";
import { Button, Empty, ErrorNote, Loading, Screen } from "./ui/index.js";

const mayOpen = (role) => (screen) => !screen.for || screen.for === role;

// The screen of a path, and the parameters in it.
function find(screens, path) {
  for (const screen of screens) {
    const params = match(screen.path, path);
    if (params) return { screen, params };
  }
  return {};
}

const Unknown = () => html`
  <${Screen} title="Not found">
    <${Empty} icon="search" title="There is no such screen"
      action=${html`<${Button} onClick=${() => go("/")}>Go home<//>`} />
  <//>`;

// Loads the module and the styles of a screen, then draws it.
function Loader({ screen, params, query }) {
  const [{ component: Component, error }, setState] = useState({});
  const { styles = [] } = screen;
  const load = () => {
    setState({});
    Promise.all([screen.load(), ...styles.map(loadStyle)])
      .then(([module]) => setState({ component: module.default }), (failure) => setState({ error: failure }));
  };
  useEffect(() => {
    load();
    return () => styles.forEach(disableStyle);
  }, [screen]);
  if (error) return html`<${ErrorNote} error=${error} retry=${load} />`;
  return Component ? html`<${Component} params=${params} query=${query} />` : html`<${Loading} />`;
}

function Signed({ profile }) {
  const { path, query } = useRoute();
  const screens = SCREENS.filter(mayOpen(profile.role));
  const { screen, params } = find(screens, path);
  return html`
    <${Shell} screens=${screens} current=${screen?.section ?? path}>
      ${screen
        ? html`<${Loader} key=${path} screen=${screen} params=${params} query=${query} />`
        : html`<${Unknown} />`}
    <//>`;
}

function App() {
  const { status, profile } = useSession();
  const [error, setError] = useState(null);
  const begin = () => {
    setError(null);
    start().catch((failure) => {
      if (failure.status !== 401) setError(failure); // the session has a notice
      if (supabase) session.update({ status: "out" });
    });
  };
  useEffect(begin, []);
  if (status === "in") return html`<${Signed} profile=${profile} />`;
  if (status === "out") return html`<${SignIn} error=${error} />`;
  return html`<main>${error ? html`<${ErrorNote} error=${error} retry=${begin} />` : html`<${Loading} />`}</main>`;
}

document.getElementById("app").replaceChildren();
render(html`<${App} />`, document.getElementById("app"));
