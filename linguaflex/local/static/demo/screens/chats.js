// The chats, and beside them, in a wide window, the chosen one.

import { html } from "../vendor/preact.js";
import { ChatList } from "../chat/list.js";
import { Empty, Screen } from "../ui/index.js";

export default function Chats() {
  return html`
    <${Screen} title="Chats" class="chats">
      <div class="panes">
        <${ChatList} />
        <div class="wide-only"><${Empty} icon="chat" title="Choose a chat">Its messages appear here.<//></div>
      </div>
    <//>`;
}
