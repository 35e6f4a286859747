// The router: the fragment of the address names the screen, such as #/history?language=Spanish.

import { createStore, useStore } from "./store.js";

const read = () => {
  const [path, query = ""] = (window.location.hash.slice(1) || "/").split("?");
  return { path, query: Object.fromEntries(new URLSearchParams(query)) };
};

const route = createStore(read());
window.addEventListener("hashchange", () => route.set(read()));

export const useRoute = () => useStore(route);

export const go = (path) => { window.location.hash = path; };

// Replaces the address, so that "back" leaves the screen: for filters.
export function replace(path) {
  history.replaceState(null, "", `#${path}`);
  route.set(read());
}

const ID = /^[\w-]+$/; // other texts could lead a request to another endpoint

// The parameters of a path that fits a pattern such as "/conversation/:id"; null if it does not fit.
export function match(pattern, path) {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  if (wanted.length !== given.length) return null;
  const parameters = {};
  for (const [index, part] of wanted.entries()) {
    const isId = part.startsWith(":");
    if (isId ? !ID.test(given[index]) : part !== given[index]) return null;
    if (isId) parameters[part.slice(1)] = given[index];
  }
  return parameters;
}

const styles = new Map(); // path -> {link, loaded}

function addStyle(path) {
  const link = Object.assign(document.createElement("link"), {
    rel: "stylesheet",
    href: new URL(path, import.meta.url).href,
  });
  const loaded = new Promise((done, fail) => {
    link.onload = done;
    link.onerror = () => {
      styles.delete(path);
      fail(new Error("The style sheet cannot be loaded."));
    };
  });
  document.head.append(link);
  return { link, loaded };
}

// Makes a style sheet apply, and resolves when it does.
export function loadStyle(path) {
  if (!styles.has(path)) styles.set(path, addStyle(path));
  const { link, loaded } = styles.get(path);
  link.disabled = false;
  return loaded;
}

// Screens may use one class name for different things, so the sheets of a screen apply only while it is open.
export function disableStyle(path) {
  const style = styles.get(path);
  if (style) style.link.disabled = true;
}
