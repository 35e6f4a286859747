// Realtime events. An event is a hint: the screen reads the API again, also after each (re)connection.

import { useEffect, useRef } from "./vendor/preact.js";
import { supabase } from "./client.js";
import { useProfile } from "./session.js";

let own = null; // the channel user:<id>, which all screens share: {topic, channel, joined}
const listeners = new Set();
const announce = (event, payload) => [...listeners].forEach((listen) => listen(event, payload));

function joinOwn(id) {
  const topic = `user:${id}`;
  if (own?.topic === topic && own.channel.state !== "closed") return;
  const channel = supabase.channel(topic, { config: { private: true } });
  own = { topic, channel };
  channel
    .on("broadcast", { event: "*" }, ({ event, payload }) => announce(event, payload))
    .subscribe((status) => status === "SUBSCRIBED" && announce("joined", {}));
}

// Calls handlers[event](payload) for the events of the user: feedback, comment, share, notice and others.
// handlers.joined is called after each (re)connection, because events may have been lost before it.
export function useUserEvents(handlers) {
  const current = useRef(handlers);
  current.current = handlers;
  const id = useProfile()?.id;
  useEffect(() => {
    if (!id) return undefined;
    const listen = (event, payload) => current.current[event]?.(payload);
    listeners.add(listen);
    joinOwn(id);
    return () => listeners.delete(listen);
  }, [id]);
}
