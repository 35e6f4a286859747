// A session with the tutor or the simulator. The API returns the secret that starts it.

import { call } from "./demo_client.js";

const LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

export async function openSession({ topic, target_language, native_language, conversation_type, level }) {
  const settings = { topic, target_language, native_language, conversation_type, ...(level && { level }) };
  const session = await call("POST", "/accounts/voice-conversations/session/", settings);
  return { ...session, simulated: LOCAL_HOSTS.includes(new URL(session.realtime_url).hostname) };
}
