/** The server under test, and people on it. */

import { createClient, type LinguaFlex, ok, type Options, type Schemas } from "../src/index.js";

export const baseUrl = process.env["LINGUAFLEX_URL"] ?? "http://127.0.0.1:8000";
export const CONVERSATION = {
  topic: "At the market",
  transcription: "User: ¿Cuánto cuestan los tomates?\nAI: Dos euros el kilo.",
  native_language: "English",
  target_language: "Spanish",
} satisfies Schemas["VoiceConversationRequest"];

/** A client of a new account, which is signed in. */
export async function register(
  role: Schemas["RoleEnum"] = "student",
  options: Partial<Options> = {},
): Promise<LinguaFlex & { user: Schemas["OwnProfile"] }> {
  const client = createClient({ baseUrl, ...options });
  const email = `${role}.${crypto.randomUUID()}@example.com`;
  const password = crypto.randomUUID();
  const body = { email, password, name: "Ines", role };
  const { session } = await ok(client.api.POST("/accounts/register/", { body }));
  if (!session) throw new Error("This server wants the address confirmed first.");
  client.setSession(session);
  return Object.assign(client, { user: session.user });
}
