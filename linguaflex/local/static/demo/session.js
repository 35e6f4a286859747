// Who is signed in.

import { call, onSignedOut } from "./api.js";
import { connect, hasSession, supabase } from "./client.js";
import { createStore, useStore } from "./store.js";

// From the server's template: the demo people with their password, and whether a simulator answers for OpenAI.
export const SITE = JSON.parse(document.getElementById("site").textContent);

// status: starting, out, in. `notice` says why the user is signed out. `profile` is the answer of users/me/.
export const session = createStore({ status: "starting", profile: null, notice: "" });

export const useSession = () => useStore(session);
export const useProfile = () => useSession().profile;

// Reads the profile again, after a change.
export async function refreshProfile() {
  session.update({ profile: await call("GET", "users/me/") });
}

async function enter() {
  await supabase.realtime.setAuth(); // required before joining a private channel
  session.set({ status: "in", profile: await call("GET", "users/me/"), notice: "" });
}

// Continues the session of this tab, or signs in the person that the address names: /demo/?as=ana@example.com
export async function start() {
  const address = new URL(window.location);
  const email = address.searchParams.get("as");
  if (!email && !hasSession()) session.update({ status: "out" }); // the sign-in need not wait for the client
  await connect();
  if (email) {
    address.searchParams.delete("as");
    history.replaceState(null, "", address);
    return signIn({ email, password: SITE.password });
  }
  const { data } = await supabase.auth.getSession();
  return data.session ? enter() : session.update({ status: "out" });
}

export async function signIn(credentials) {
  await connect();
  const { error } = await supabase.auth.signInWithPassword(credentials);
  if (error) throw error;
  await enter();
}

export async function signOut() {
  await supabase.removeAllChannels();
  await supabase.auth.signOut({ scope: "local" });
  session.set({ status: "out", profile: null, notice: "" });
}

onSignedOut(({ message }) => {
  supabase.removeAllChannels();
  session.set({ status: "out", profile: null, notice: message });
});
