// Shared by the demo pages: the Supabase session, and API calls with its access token.

const { url, publishable_key } = await (await fetch("/accounts/supabase/config/")).json();
// Sessions stay in memory, so that each window can be a different user. A real frontend omits this option.
export const client = window.supabase.createClient(url, publishable_key, { auth: { persistSession: false } });

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Returns the user's id.
export async function signIn(credentials) {
  const { data, error } = await client.auth.signInWithPassword(credentials);
  if (error) throw error;
  await client.realtime.setAuth(); // required before joining a private channel
  return data.user.id;
}

export const signOut = () => client.auth.signOut({ scope: "local" });

const VOICE = new URL("/accounts/voice-conversations/", window.location); // the base of relative paths
let session = null;

// Without a session a retry is useless, unless only the network failed during the refresh.
const signedOut = (error) => (error?.name === "AuthRetryableFetchError"
  ? error : Object.assign(new Error("You are signed out. Sign in again."), { status: 401 }));

// A string is sent as SDP. With `keepalive` the request starts at once, with the last token, and outlives the page.
export async function call(method, path, body, options = {}) {
  const { data, error } = options.keepalive ? { data: { session } } : await client.auth.getSession();
  ({ session } = data); // with a new token if the last one has expired
  if (!session) throw signedOut(error);
  const [type, sent] = typeof body === "string" ? ["sdp", body] : ["json", body && JSON.stringify(body)];
  const headers = { Authorization: `Bearer ${session.access_token}`, "Content-Type": `application/${type}` };
  const answer = await fetch(new URL(path, VOICE), { method, headers, body: sent, ...options });
  const text = await answer.text();
  if (answer.ok) return type === "sdp" ? text : JSON.parse(text || "null");
  const [{ detail, code }, seconds] = [JSON.parse(text), Number(answer.headers.get("Retry-After"))];
  throw Object.assign(new Error(detail), { status: answer.status, code, seconds });
}

// Retries after network failures, 429 and 5xx. For idempotent requests only, such as a POST with a client_id.
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
