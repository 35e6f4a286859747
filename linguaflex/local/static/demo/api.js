// Requests to the API, with the access token of the session.

import { supabase } from "./client.js";

const API = new URL("/accounts/", window.location); // the base of relative paths

// An error of the API. `message` is for the user, `code` for the program; `errors` has the texts of each field.
export class ApiError extends Error {
  constructor(status, { detail, code, errors }, seconds) {
    super(detail);
    Object.assign(this, { name: "ApiError", status, code, errors, seconds });
  }
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Called with the error of a request without a valid session.
let signedOut = () => {};
export const onSignedOut = (action) => { signedOut = action; };

let session = null;

// The session, with a new token if the last one has expired. Without one a retry is useless, unless only the network
// failed during the refresh.
async function currentSession() {
  const { data, error } = await supabase.auth.getSession();
  session = data.session;
  if (session) return session;
  if (error?.name === "AuthRetryableFetchError") throw error;
  throw new ApiError(401, { detail: "You are signed out. Sign in again.", code: "not_authenticated" });
}

const TYPES = { string: "application/sdp", object: "application/json" };

// Sends a request and returns the response, whatever its status. A string is sent as SDP, FormData as multipart, other
// bodies as JSON. With `keepalive` the request starts at once, with the last token, and outlives the page.
async function send(method, path, body, options) {
  const { access_token } = options.keepalive ? session : await currentSession();
  const headers = { Authorization: `Bearer ${access_token}`, ...options.headers };
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers["Content-Type"] = TYPES[typeof body];
  const sent = body === undefined || isForm || typeof body === "string" ? body : JSON.stringify(body);
  return fetch(new URL(path, API), { ...options, method, headers, body: sent });
}

// Sends a request and returns the response. Throws ApiError, or what fetch throws if the network fails.
export async function respond(method, path, body, options = {}) {
  try {
    const response = await send(method, path, body, options);
    if (response.ok) return response;
    const text = await response.text();
    const words = text.startsWith("{") ? JSON.parse(text) : { detail: `The server answered ${response.status}.` };
    throw new ApiError(response.status, words, Number(response.headers.get("Retry-After")));
  } catch (error) {
    if (error.status === 401) signedOut(error);
    throw error;
  }
}

const contentOf = async (response) => {
  const text = await response.text();
  return response.headers.get("Content-Type")?.startsWith("application/json") ? JSON.parse(text) : text || null;
};

// Sends a request and returns the content of the answer; null for an answer without content.
export const call = async (...request) => contentOf(await respond(...request));

// Repeats the request after network failures, 429 and 5xx. For idempotent requests only, such as a POST with a
// client_id.
export async function persist(...request) {
  for (let wait = 500; ; wait = Math.min(2 * wait, 10_000)) {
    try {
      return await call(...request);
    } catch (error) {
      if (error.status && error.status < 500 && error.status !== 429) throw error;
      await pause(Math.max(wait, 1000 * (error.seconds || 0)));
    }
  }
}

// One page of a list: its rows, and the address of the next page or null.
export async function pageOf(path) {
  const response = await respond("GET", path);
  const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get("Link") ?? "");
  return { rows: await response.json(), next: next ? next[1] : null };
}

// A path with the parameters that have a value.
export function withParameters(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

// Saves the answer to a GET request as a file of the browser's user.
export async function download(path, name) {
  const url = URL.createObjectURL(await (await respond("GET", path)).blob());
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
