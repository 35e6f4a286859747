// The supabase-js client, for the session and for Realtime.

import { createClient } from "./vendor/supabase.js";

export let supabase = null;

// The session lives in sessionStorage, under a key of this tab: each tab may be a different demo person, and a reload
// keeps the person. A real frontend omits `storage` and `storageKey`: its session is in localStorage, for all tabs.
const storageKey = `session-${(sessionStorage.tab ??= crypto.randomUUID())}`;
export const hasSession = () => storageKey in sessionStorage;

async function create() {
  const answer = await fetch("/accounts/supabase/config/");
  if (!answer.ok) throw new Error("The server does not answer.");
  const { url, publishable_key } = await answer.json();
  supabase = createClient(url, publishable_key, { auth: { storage: sessionStorage, storageKey } });
}

let connecting = null;

// Creates the client once. After a failure, the next call tries again.
export const connect = () => (connecting ??= create().catch((error) => {
  connecting = null;
  throw error;
}));
