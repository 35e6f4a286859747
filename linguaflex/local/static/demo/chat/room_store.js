// One open chat. REST is the source of truth: a Realtime event only announces a change.

import { call, persist } from "../api.js";
import { Typing } from "./typing.js";

export const CHATS = "supabase/chats/";
const PAGE = 200; // messages per request
const OVERLAP = 50; // known messages that are requested again after a gap: their edits may have been lost
const MARKS = ["last_seq", "my_read_seq", "peer_read_seq"]; // numbers that never decrease

const changedAt = (message) => Date.parse(message.deleted_at ?? message.edited_at ?? message.created_at);

const rooms = new Map(); // a message that was not sent stays in its room, also while another screen is open

export async function roomOf(id, me) {
  const chat = await call("GET", `${CHATS}${id}/`);
  const key = `${me} ${id}`;
  if (!rooms.has(key)) rooms.set(key, new Room(chat, me));
  rooms.get(key).takeChat(chat);
  return rooms.get(key);
}

class Room {
  constructor(chat, me) {
    Object.assign(this, { chat, me, path: `${CHATS}${chat.id}/`, entered: Promise.resolve() });
    this.peer = chat.participants.find(({ id }) => id !== me);
    this.messages = new Map(); // seq -> message
    this.pending = new Map(); // client_id -> message without an answer yet
    this.sending = Promise.resolve();
  }

  // The screen's callbacks: changed() after each change, failed(error) for a failed request that no action has caused.
  changed() {}

  failed() {}

  get listed() {
    return [...this.messages.values()].sort((a, b) => a.seq - b.seq);
  }

  get lastSeq() {
    return Math.max(0, ...this.messages.keys());
  }

  get firstSeq() {
    return this.messages.size ? Math.min(...this.messages.keys()) : 1;
  }

  // ------------------------------------------------------------------------------- the channel

  // supabase-js has one channel for a topic: the next one must wait until the last one is removed.
  enter(supabase, callbacks) {
    Object.assign(this, callbacks);
    this.open = true;
    this.entered = this.entered.then(() => this.join(supabase));
  }

  leave(supabase) {
    Object.assign(this, { open: false, changed() {}, failed() {} });
    this.entered = this.entered.then(() => {
      this.typing.stop();
      return supabase.removeChannel(this.channel);
    });
  }

  join(supabase) {
    const config = { private: true, presence: { key: this.me } };
    this.channel = supabase.channel(this.chat.realtime.topic, { config });
    this.typing = new Typing(this.channel, this.peer.id);
    const on = (event, action) => this.channel.on("broadcast", { event }, ({ payload }) => this.run(action(payload)));
    on("message", (message) => this.hear(message));
    on("edit", (message) => this.hearChange(message));
    on("deletion", (message) => this.hearChange(message));
    on("correction", ({ message_seq }) => this.readAgain(message_seq));
    on("read", () => this.refresh());
    this.channel.on("presence", { event: "sync" }, () => this.changed());
    // Called at every join, also after a reconnect: requests what the gap has hidden.
    this.channel.subscribe((state) => {
      this.connected = state === "SUBSCRIBED";
      this.changed();
      if (!this.connected) return;
      this.typing.joined();
      this.run(this.catchUp());
    });
  }

  run(promise) {
    promise.catch((error) => this.failed(error));
  }

  // ------------------------------------------------------------------------------------ reading

  async refresh() {
    this.takeChat(await persist("GET", this.path));
  }

  // Answers may arrive out of order: an older one is ignored.
  takeChat(chat) {
    if (MARKS.every((mark) => chat[mark] >= this.chat[mark])) this.chat = chat;
    this.changed();
  }

  async hear(message) {
    if (this.loaded && message.seq > this.lastSeq + 1) return this.catchUp(); // an earlier event was lost
    this.take([message]);
    await this.markRead();
    return this.refresh();
  }

  async hearChange(message) {
    this.take([message]);
    if (this.messages.get(message.seq).corrections.length) await this.readAgain(message.seq); // they are outdated now
  }

  async catchUp() {
    const path = `${this.path}messages/?limit=${PAGE}`;
    let after = Math.max(0, this.lastSeq - OVERLAP);
    for (let page, first = !this.loaded; ; first = false) {
      page = await persist("GET", first ? path : `${path}&after_seq=${after}`);
      this.take(page);
      if (first || !page.length) break; // a page of large messages is shorter than PAGE
      after = page.at(-1).seq;
    }
    this.loaded = true;
    await this.markRead();
    await this.refresh();
  }

  async earlier() {
    this.take(await call("GET", `${this.path}messages/?limit=${PAGE}&before_seq=${this.firstSeq}`));
  }

  async readAgain(seq) {
    this.take(await persist("GET", `${this.path}messages/?after_seq=${seq - 1}&limit=1`));
  }

  // Keeps the newest version of each message. Events have no corrections: the known ones stay.
  take(messages) {
    for (const message of messages) {
      const known = this.messages.get(message.seq);
      const corrections = message.deleted_at ? [] : known?.corrections ?? [];
      if (!known || changedAt(message) >= changedAt(known)) {
        this.messages.set(message.seq, { corrections, ...message });
      }
      if (message.sender === this.me) this.pending.delete(message.client_id);
    }
    this.changed();
  }

  async markRead() {
    if (!this.open || document.hidden || this.lastSeq <= this.chat.my_read_seq) return;
    this.takeChat(await persist("POST", `${this.path}read/`, { seq: this.lastSeq }));
  }

  // ------------------------------------------------------------------------------------ writing

  // One message at a time. The client_id makes a repeated request return the stored message.
  send(content, client_id = crypto.randomUUID()) {
    this.pending.set(client_id, { content, client_id });
    this.changed();
    this.sending = this.sending.then(() => this.deliver({ content, client_id }));
  }

  async deliver(message) {
    try {
      await this.hear(await persist("POST", `${this.path}messages/`, message));
    } catch (error) {
      if (this.pending.has(message.client_id)) this.pending.set(message.client_id, { ...message, problem: error });
      this.changed();
    }
  }

  discard({ client_id }) {
    this.pending.delete(client_id);
    this.changed();
  }

  async edit(seq, content) {
    this.take([await call("PATCH", `${this.path}messages/${seq}/`, { content })]);
  }

  async remove(seq) {
    await call("DELETE", `${this.path}messages/${seq}/`);
    await this.readAgain(seq);
  }

  async correct(seq, correction) {
    await persist("POST", `${this.path}messages/${seq}/corrections/`, correction);
    await this.readAgain(seq);
  }

  async block(blocked) {
    await call(blocked ? "POST" : "DELETE", `${this.path}block/`);
    await this.refresh();
  }
}
