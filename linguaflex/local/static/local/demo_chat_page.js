// The page of the demo chat: draws the state of demo_chat.js and calls it for the user's actions.

import {
  change, isTyping, loadChats, loadPeople, markRead, openChat, rooms, send, session, signIn, type,
} from "./demo_chat.js";
import { signOut } from "./demo_client.js";
import { $, element, onSubmit, show } from "./demo_dom.js";

const complain = (error) => { $("problem").textContent = error?.message ?? ""; };
Object.assign(session, { draw, complain });

function draw() {
  const { open } = session;
  const newest = [...rooms.values()].sort((a, b) => (a.chat.updated_at < b.chat.updated_at ? 1 : -1));
  show($("chats"), newest.map((room) => [
    [room.chat.id, room.peer.name, room.chat.unread_count, room === open], () => chatItem(room),
  ]));
  $("room").hidden = !open;
  if (!open) return;
  $("peer").textContent = open.peer.name;
  $("state").textContent = open.state === "SUBSCRIBED" ? "connected" : "connecting…";
  $("typing").textContent = isTyping(open) ? `${open.peer.name} is typing…` : "";
  const bySeq = [...open.messages.values()].sort((a, b) => a.seq - b.seq);
  show($("messages"), [...bySeq, ...open.pending.values()].map((message) => [
    [open.chat.id, message, noteOf(message)], () => messageItem(message),
  ]));
  $("messages").scrollTop = $("messages").scrollHeight;
}

function chatItem(room) {
  const button = element("button", room.peer.name, { type: "button", onclick: () => choose(room) });
  button.classList.toggle("chosen", room === session.open);
  button.append(element("span", room.chat.unread_count || "", { className: "unread" }));
  const item = element("li");
  item.append(button);
  return item;
}

const isMine = (message) => message.sender === session.me || !message.seq;

function messageItem(message) {
  const mine = isMine(message);
  const item = element("li", "", { className: mine ? "mine" : "" });
  item.dataset.seq = message.seq ?? "";
  const gone = message.removed_by_staff ? "(removed by staff)" : "(deleted)";
  item.append(element("span", message.deleted_at ? gone : message.content, { className: "text" }));
  const notes = element("small", noteOf(message));
  if (mine && message.seq && !message.deleted_at) notes.append(...changeButtons(session.open, message));
  item.append(notes);
  return item;
}

function noteOf(message) {
  if (!message.seq) return message.problem ? `not sent: ${message.problem}` : "sending…";
  const read = isMine(message) && message.seq <= session.open.chat.peer_read_seq && "read";
  return [`#${message.seq}`, message.edited_at && "edited", read].filter(Boolean).join(" · ");
}

function changeButtons(room, message) {
  const edit = () => {
    const content = prompt("New text", message.content);
    if (content) change(room, message, "PATCH", { content }).catch(complain);
  };
  const remove = () => change(room, message, "DELETE").catch(complain);
  return [["Edit", edit], ["Delete", remove]].map(([text, onclick]) => element("button", text, { onclick }));
}

function choose(room) {
  session.open = room;
  draw();
  markRead(room).catch(complain);
}

onSubmit("sign-in", async (credentials) => {
  await signIn(credentials);
  const people = await loadPeople();
  const others = people.filter(({ id }) => id !== session.me);
  $("opening").participant.replaceChildren(...others.map(({ id, name }) => element("option", name, { value: id })));
  $("me").textContent = people.find(({ id }) => id === session.me)?.name ?? credentials.email;
  $("sign-in").hidden = true;
  $("app").hidden = false;
  await loadChats();
  const polling = setInterval(() => loadChats().catch((error) => { // a new chat of another user causes no event
    complain(error);
    if (error.status === 401) clearInterval(polling);
  }), 5_000);
}, complain);
onSubmit("opening", async ({ participant }) => choose(await openChat(participant)), complain);
onSubmit("sending", async ({ content }) => {
  if (!content.trim()) return;
  $("sending").reset();
  type(session.open, false);
  send(session.open, content);
}, complain);
$("sending").content.addEventListener("input", () => type(session.open, true));
$("sign-out").addEventListener("click", () => signOut().finally(() => location.reload()));
document.addEventListener("visibilitychange", () => session.open && markRead(session.open).catch(complain));
