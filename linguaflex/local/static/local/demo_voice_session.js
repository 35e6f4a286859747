// A session with the tutor or the simulator. The API returns the secret that starts it.

import { call } from "./demo_client.js";

const HERE = ["127.0.0.1", "localhost", "[::1]"];

export async function openSession({ topic, target_language, native_language, conversation_type, level }) {
  const wishes = { topic, target_language, native_language, conversation_type, ...(level && { level }) };
  const session = await call("POST", "/accounts/voice-conversations/session/", wishes);
  return { ...session, simulated: HERE.includes(new URL(session.realtime_url).hostname) };
}
