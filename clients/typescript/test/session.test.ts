/** The refresh of a session. LINGUAFLEX_EXPIRED: a session, as JSON, whose access token has expired. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, ok, type Session } from "../src/index.js";
import { baseUrl, CONVERSATION, register } from "./support.js";

const expired = process.env["LINGUAFLEX_EXPIRED"];

test("requests with an expired token are repeated after one refresh", { skip: !expired }, async () => {
  const session = JSON.parse(expired ?? "null") as Session;
  const sent: string[] = [];
  const stored: (Session | null)[] = [];
  const client = createClient({
    baseUrl,
    session,
    onSession: (each) => stored.push(each),
    fetch: (request) => {
      sent.push(new URL(request.url).pathname);
      return fetch(request);
    },
  });
  const [profile, saved] = await Promise.all([
    ok(client.api.GET("/accounts/users/me/")),
    ok(client.api.POST("/accounts/voice-conversations/", { body: CONVERSATION })),
  ]);
  assert.equal(saved.user, profile.id);
  assert.equal(sent.filter((path) => path === "/accounts/token/refresh/").length, 1);
  assert.equal(sent.length, 5);
  assert.deepEqual(stored, [client.session]);
  assert.notEqual(client.session?.access_token, session.access_token);

  const late = createClient({ baseUrl, session: { ...session, refresh_token: "unknown" } });
  await assert.rejects(ok(late.api.GET("/accounts/users/me/")), { code: "token_expired" });
  assert.equal(late.session, null);
});

test("a logout ends the session", async () => {
  const client = await register();
  const { session } = client;
  await client.logout();
  assert.equal(client.session, null);
  const again = createClient({ baseUrl, session });
  await assert.rejects(ok(again.api.GET("/accounts/users/me/")), { status: 401, code: "invalid_token" });
  assert.equal(again.session, session);
});

test("a wrong password is an ApiError", async () => {
  const client = createClient({ baseUrl });
  await assert.rejects(client.login("nobody@example.com", "wrong horse"), { code: "invalid_credentials" });
});
