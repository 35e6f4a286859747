// The list of chats, newest activity first. It stays while screens change, and is read again at each event `chat`.

import { useEffect } from "../vendor/preact.js";
import { pageOf } from "../api.js";
import { useAction } from "../hooks.js";
import { useUserEvents } from "../live.js";
import { useProfile } from "../session.js";
import { createStore, useStore } from "../store.js";
import { CHATS } from "./room_store.js";

const list = createStore({ owner: null, data: null, next: null });
let [asked, stored] = [0, 0]; // an answer that arrives after that of a newer request is dropped

async function load(owner) {
  const number = (asked += 1);
  const { rows, next } = await pageOf(CHATS);
  if (number < stored) return;
  stored = number;
  list.set({ owner, data: rows, next });
}

async function loadMore() {
  const { rows, next } = await pageOf(list.get().next);
  const known = new Set(rows.map(({ id }) => id)); // a chat with a new message has moved to the first page
  list.update({ data: [...list.get().data.filter(({ id }) => !known.has(id)), ...rows], next });
}

// Returns what useList returns.
export function useChats() {
  const { id } = useProfile();
  const { owner, data, next } = useStore(list);
  const [reading, more] = [useAction(() => load(id)), useAction(loadMore)];
  const reload = () => load(id).catch(() => {}); // the event of the next change tries again
  useUserEvents({ joined: reload, chat: reload });
  useEffect(() => {
    reading.run();
  }, [id]);
  return {
    data: owner === id ? data : null,
    error: reading.error ?? more.error,
    loading: reading.busy || (owner !== id && !reading.error), // also before the effect has begun to read
    loadingMore: more.busy,
    reload: reading.run,
    more: next ? more.run : null,
  };
}
