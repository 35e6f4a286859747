// A chat with supabase-js. REST is the source of truth. A Realtime event only announces a change.

import { call, client, persist, signIn as enter } from "./demo_client.js";

const API = "/accounts/";
const CHATS = `${API}supabase/chats/`;
const PAGE = 200; // messages per request
const OVERLAP = 50; // known messages that are fetched again after a gap, because their edits may have been lost
const PRESENCE_CALLS = 5; // per PRESENCE_WINDOW and channel; Realtime closes a channel that sends more
const PRESENCE_WINDOW = 30_000; // milliseconds
const TYPING_TIMEOUT = 3_000; // milliseconds from the last key press to the end of "typing"

export const rooms = new Map(); // chat id -> room
// The user's id, the open room, and the page's callbacks for changes and errors.
export const session = { me: null, open: null, draw() {}, complain() {} };
const draw = () => session.draw();
const complain = (error) => session.complain(error);

export async function signIn(credentials) {
  session.me = await enter(credentials);
}

// ------------------------------------------------------------------------------------ chats

export const loadPeople = () => call("GET", `${API}users/?limit=200`);
export const openChat = async (participant) => takeChat(await call("POST", CHATS, { participant }));

export async function loadChats() {
  for (const chat of await call("GET", CHATS)) takeChat(chat);
}

function takeChat(chat) {
  if (!rooms.has(chat.id)) rooms.set(chat.id, join(chat));
  const room = rooms.get(chat.id);
  // Responses may arrive out of order. These numbers never decrease, so an older response is ignored.
  const marks = ["last_seq", "my_read_seq", "peer_read_seq"];
  if (marks.every((mark) => chat[mark] >= room.chat[mark])) room.chat = chat;
  draw();
  return room;
}

function join(chat) {
  const config = { private: true, presence: { key: session.me } };
  const room = {
    chat,
    messages: new Map(), // seq -> message
    pending: new Map(), // client_id -> message without a response yet
    sending: Promise.resolve(),
    wants: { typing: false },
    shown: false,
    calls: [],
    peer: chat.participants.find(({ id }) => id !== session.me),
    channel: client.channel(chat.realtime.topic, { config }),
  };
  room.channel
    .on("broadcast", { event: "message" }, ({ payload }) => hear(room, payload).catch(complain))
    .on("broadcast", { event: "edit" }, ({ payload }) => takeMessages(room, [payload]))
    .on("broadcast", { event: "deletion" }, ({ payload }) => takeMessages(room, [payload]))
    .on("broadcast", { event: "read" }, () => refresh(room).catch(complain))
    .on("presence", { event: "sync" }, draw)
    // Called at every join, also after a reconnect: fetches the messages of the gap.
    .subscribe((state) => {
      room.state = state;
      draw();
      if (state !== "SUBSCRIBED") return;
      room.shown = false; // Realtime removed this window's presence with the socket
      showTyping(room);
      catchUp(room).catch(complain);
    });
  return room;
}

async function refresh(room) {
  takeChat(await persist("GET", `${CHATS}${room.chat.id}/`));
}

// --------------------------------------------------------------------------------- messages

const lastSeq = (room) => Math.max(0, ...room.messages.keys());
const changedAt = (message) => Date.parse(message.deleted_at ?? message.edited_at ?? message.created_at);

async function hear(room, message) {
  const next = !room.loaded || message.seq <= lastSeq(room) + 1;
  if (!next) return catchUp(room); // an earlier event was lost
  takeMessages(room, [message]);
  await markRead(room);
  await refresh(room);
}

async function catchUp(room) {
  const path = `${CHATS}${room.chat.id}/messages/?limit=${PAGE}`;
  let after = Math.max(0, lastSeq(room) - OVERLAP);
  for (let page, first = !room.loaded; ; first = false) {
    page = await persist("GET", first ? path : `${path}&after_seq=${after}`);
    takeMessages(room, page);
    if (first || page.length < PAGE) break;
    after = page.at(-1).seq;
  }
  room.loaded = true;
  await markRead(room);
  await refresh(room);
}

function takeMessages(room, messages) {
  for (const message of messages) {
    const known = room.messages.get(message.seq);
    if (!known || changedAt(message) >= changedAt(known)) room.messages.set(message.seq, message);
    if (message.sender === session.me) room.pending.delete(message.client_id);
  }
  draw();
}

// Sends one message at a time. The client_id makes the request idempotent: a retry returns the stored message.
export function send(room, content) {
  const message = { content, client_id: crypto.randomUUID() };
  room.pending.set(message.client_id, message);
  draw();
  room.sending = room.sending.then(async () => {
    try {
      const written = await persist("POST", `${CHATS}${room.chat.id}/messages/`, message);
      room.pending.delete(message.client_id);
      await hear(room, written);
    } catch (error) {
      message.problem = error.message;
      draw();
    }
  });
}

export async function change(room, { seq }, method, body) {
  const changed = await call(method, `${CHATS}${room.chat.id}/messages/${seq}/`, body);
  if (changed) takeMessages(room, [changed]);
}

export async function markRead(room) {
  const seq = lastSeq(room);
  if (room !== session.open || document.hidden || seq <= room.chat.my_read_seq) return;
  takeChat(await persist("POST", `${CHATS}${room.chat.id}/read/`, { seq }));
}

// ----------------------------------------------------------------------------------- typing

// Sends a changed state only. At Realtime's limit, sends it later.
function showTyping(room) {
  clearTimeout(room.later);
  if (room.state !== "SUBSCRIBED" || room.shown === room.wants.typing) return;
  room.calls = room.calls.filter((at) => at > Date.now() - PRESENCE_WINDOW);
  if (room.calls.length === PRESENCE_CALLS) {
    room.later = setTimeout(showTyping, room.calls[0] + PRESENCE_WINDOW + 100 - Date.now(), room);
    return;
  }
  room.calls.push(Date.now());
  room.shown = room.wants.typing;
  room.channel.track({ typing: room.shown });
}

export function type(room, typing) {
  clearTimeout(room.still);
  if (typing) room.still = setTimeout(type, TYPING_TIMEOUT, room, false);
  room.wants.typing = typing;
  showTyping(room);
}

// During an update, presenceState() lists the old and the new presence. The last one is current.
export const isTyping = (room) => Boolean(room.channel.presenceState()[room.peer.id]?.at(-1)?.typing);
