/** Calls of the other resources. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, form, ok } from "../src/index.js";
import { CONVERSATION, register } from "./support.js";

const GIG = {
  title: "Spanish for travellers",
  description: "Order, ask the way, make friends.",
  language: "Spanish",
  price_per_session: "19.50",
  session_minutes: 45,
};
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("a teacher offers a gig, which learners find by its price", async () => {
  const [teacher, learner] = await Promise.all([register("teacher"), register()]);
  const gig = await ok(teacher.api.POST("/accounts/gigs/", { body: GIG }));
  assert.equal(gig.teacher.id, teacher.user.id);
  assert.deepEqual(await ok(teacher.api.GET("/accounts/gigs/mine/")), [gig]);
  const query = { teacher: teacher.user.id, max_price: "20", currency: gig.currency, ordering: "price" } as const;
  const found = await ok(learner.api.GET("/accounts/gigs/", { params: { query } }));
  assert.deepEqual(found.map((each) => each.id), [gig.id]);
  const path = { id: gig.id };
  const paused = await ok(teacher.api.POST("/accounts/gigs/{id}/pause/", { params: { path } }));
  assert.equal(paused.status, "paused");
  await assert.rejects(
    ok(learner.api.GET("/accounts/gigs/{id}/", { params: { path } })),
    (error) => error instanceof ApiError && error.status === 404 && error.code === "not_found",
  );
});

test("a message that is sent twice with its client_id is one message", async () => {
  const [learner, teacher] = await Promise.all([register(), register("teacher")]);
  const body = { participant: teacher.user.id };
  const chat = await ok(learner.api.POST("/accounts/supabase/chats/", { body }));
  assert.equal(chat.last_message, null);
  const send = () =>
    learner.api.POST("/accounts/supabase/chats/{id}/messages/", {
      params: { path: { id: chat.id } },
      body: { content: "Hola", client_id },
    });
  const client_id = crypto.randomUUID();
  const [first, second] = [await ok(send()), await ok(send())];
  assert.equal(first.seq, second.seq);
  const unread = await ok(teacher.api.GET("/accounts/supabase/chats/unread/"));
  assert.deepEqual(unread, { chats: 1, messages: 1 });
  const params = { path: { id: chat.id }, query: { after_seq: 0 } };
  const messages = await ok(teacher.api.GET("/accounts/supabase/chats/{id}/messages/", { params }));
  assert.deepEqual(messages.map((each) => each.content), ["Hola"]);
});

test("a card is made and reviewed", async () => {
  const { api } = await register();
  const body = { front: "los tomates", back: "the tomatoes", language: "Spanish" };
  const card = await ok(api.POST("/accounts/cards/", { body }));
  const [due] = await ok(api.GET("/accounts/cards/", { params: { query: { due: "now" } } }));
  assert.equal(due?.id, card.id);
  const reviewed = await ok(
    api.POST("/accounts/cards/{id}/review/", {
      params: { path: { id: card.id } },
      body: { rating: "good", client_id: crypto.randomUUID(), seconds: 4 },
    }),
  );
  assert(reviewed.due_at > card.due_at);
  const file = await ok(
    api.GET("/accounts/cards/export/", { params: { query: { format: "csv" } }, parseAs: "text" }),
  );
  assert.match(file, /los tomates/);
});

test("the rows of a list come page by page, up to its end", async () => {
  const { api, rows } = await register();
  for (const topic of ["one", "two", "three"]) {
    await ok(api.POST("/accounts/voice-conversations/", { body: { ...CONVERSATION, topic } }));
  }
  const topics = [];
  const parameters = { query: { limit: 2, language: "Spanish" } };
  for await (const row of rows("/accounts/voice-conversations/", parameters)) topics.push(row.topic);
  assert.deepEqual(topics, ["three", "two", "one"]);
});

test("an invalid body is an ApiError with the messages by field", async () => {
  const { api } = await register();
  const call = api.POST("/accounts/voice-conversations/", { body: { ...CONVERSATION, topic: "" } });
  await assert.rejects(ok(call), (error) => {
    assert(error instanceof ApiError);
    assert.deepEqual([error.status, error.code, Object.keys(error.errors)], [400, "invalid", ["topic"]]);
    return true;
  });
});

test("a picture is uploaded, and an account is deleted", async () => {
  const { api, user } = await register();
  const profile_picture = new Blob([Buffer.from(PIXEL, "base64")], { type: "image/png" });
  const profile = await ok(
    api.PUT("/accounts/users/me/profile-picture/", { body: { profile_picture }, bodySerializer: form }),
  );
  assert.match(profile.profile_picture ?? "", /^http/);
  const data = await ok(api.GET("/accounts/users/me/export/"));
  assert.equal(data.profile.id, user.id);
  await ok(api.DELETE("/accounts/users/me/", { body: { confirm: user.id } }));
  await assert.rejects(ok(api.GET("/accounts/users/me/")), { status: 401 });
});
