// Shows the other person that this user is typing, by presence in the channel of the chat.

const CALLS = 5; // per WINDOW_MS and channel: Realtime closes a channel that sends more
const WINDOW_MS = 30_000;
const TIMEOUT_MS = 3_000; // from the last key press to the end of "typing"

export class Typing {
  constructor(channel, peerId) {
    Object.assign(this, { channel, peerId, wanted: false, shown: false, ready: false, calls: [] });
  }

  // During an update, presenceState() lists the old and the new presence. The last one is current.
  get ofPeer() {
    return Boolean(this.channel.presenceState()[this.peerId]?.at(-1)?.typing);
  }

  // Realtime has removed this window's presence with the last socket.
  joined() {
    Object.assign(this, { ready: true, shown: false });
    this.show();
  }

  set(typing) {
    clearTimeout(this.still);
    if (typing) this.still = setTimeout(() => this.set(false), TIMEOUT_MS);
    this.wanted = typing;
    this.show();
  }

  // Sends a changed state only. At Realtime's limit, sends it later.
  show() {
    clearTimeout(this.later);
    if (!this.ready || this.shown === this.wanted) return;
    this.calls = this.calls.filter((at) => at > Date.now() - WINDOW_MS);
    if (this.calls.length === CALLS) {
      this.later = setTimeout(() => this.show(), this.calls[0] + WINDOW_MS + 100 - Date.now());
      return;
    }
    this.calls.push(Date.now());
    this.shown = this.wanted;
    this.channel.track({ typing: this.shown });
  }

  stop() {
    this.ready = false;
    clearTimeout(this.still);
    clearTimeout(this.later);
  }
}
