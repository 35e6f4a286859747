// The supabase-js client, for the session and for Realtime.

import { createClient } from "./vendor/supabase.js";

export let supabase = null;

// The session lives in sessionStorage, under a key of this tab: each tab may be a different demo person, and a reload
// keeps the person. A real frontend leaves out `storage` and `storageKey`: its session is in localStorage, for all tabs.
const tab = (sessionStorage.tab ??= crypto.randomUUID());

export async function connect() {
  const answer = await fetch("/accounts/supabase/config/");
  if (!answer.ok) throw new Error("The server does not answer.");
  const { url, publishable_key } = await answer.json();
  supabase ??= createClient(url, publishable_key, { auth: { storage: sessionStorage, storageKey: `session-${tab}` } });
}
