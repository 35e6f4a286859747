// The number of unread messages, in the navigation.

import { html } from "../vendor/preact.js";
import { call } from "../api.js";
import { useLoad } from "../hooks.js";
import { useUserEvents } from "../live.js";

export function UnreadBadge() {
  const { data, reload } = useLoad(() => call("GET", "supabase/chats/unread/"));
  useUserEvents({ joined: reload, chat: reload });
  const messages = data?.messages;
  return messages > 0 && html`<span class="badge">${messages}<span class="only-spoken"> unread messages</span></span>`;
}
