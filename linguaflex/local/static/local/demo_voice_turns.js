// The turns of a Realtime conversation, computed from its server events. The order and the repetition of
// events do not matter: of two values, the one of higher rank is kept. previous_item_id orders the items.

const FINAL = {
  "conversation.item.input_audio_transcription.completed": ["user", "transcript"],
  "response.output_audio_transcript.done": ["assistant", "transcript"],
  "response.output_text.done": ["assistant", "text"],
};
const SPOKEN = ["input_audio_buffer.speech_started", "input_audio_buffer.committed"];
const SETTLED = ["conversation.item.input_audio_transcription.failed", "response.output_item.done"];

// Returns the better of two values: higher rank, then more characters, then later in the alphabet.
function better(held, rank, value) {
  if (!held) return [rank, value];
  const [rankHeld, valueHeld] = held;
  const gain = rank - rankHeld || value.length - valueHeld.length || (value > valueHeld ? 1 : -1);
  return gain > 0 ? [rank, value] : held;
}

// Responses outside the conversation (`conversation: "none"` in the request), such as hints for the learner.
const asideOf = (events) => new Set(
  events.flatMap(({ response }) => (response?.conversation_id === null ? [response.id] : [])));

function update(known, event) {
  const { type, item, content_index: index, previous_item_id: before } = event;
  const setRole = (rank, role) => { known.role = better(known.role, rank, role); };
  const setText = (part, rank, words) => {
    if (words?.trim()) known.parts.set(part, better(known.parts.get(part), rank, words.trim()));
  };
  if (before !== undefined) known.previous = better(known.previous, before ? 1 : 0, before ?? ""); // null: the first item
  if (item) setRole(1, item.type === "message" ? item.role : item.type);
  item?.content?.forEach((part, number) => setText(number, 0, part.transcript || part.text));
  if (SPOKEN.includes(type)) setRole(0, "user");
  if (FINAL[type]) {
    const [role, key] = FINAL[type];
    setRole(0, role);
    setText(index, 1, event[key]);
  }
  known.settled ||= type in FINAL || SETTLED.includes(type);
  known.interrupted ||= type === "conversation.item.truncated";
  known.deleted ||= type === "conversation.item.deleted";
}

function itemsOf(events) {
  const [items, aside] = [new Map(), asideOf(events)];
  for (const event of events) {
    const id = event.item?.id ?? event.item_id;
    if (!id || aside.has(event.response_id)) continue;
    if (!items.has(id)) items.set(id, { parts: new Map() });
    update(items.get(id), event);
  }
  return items;
}

// Each item after its previous_item_id. Items with an unknown predecessor are last, ordered by id.
function inOrder(items) {
  const ids = [...items.keys()].sort();
  const followers = new Map(ids.map((id) => [id, []]));
  const [first, loose] = [[], []];
  for (const id of ids) {
    const before = items.get(id).previous?.[1];
    (followers.get(before) ?? (before === "" ? first : loose)).push(id);
  }
  const order = new Set();
  for (const start of [...first, ...loose, ...ids]) { // ids: items in a cycle have no other start
    for (const waiting = [start]; waiting.length;) {
      const id = waiting.pop();
      if (order.has(id)) continue;
      order.add(id);
      waiting.push(...followers.get(id).toReversed());
    }
  }
  return [...order].map((id) => items.get(id));
}

const wordsOf = ({ parts }) => [...parts].sort(([a], [b]) => a - b).map(([, [, words]]) => words).join(" ");
const shown = ({ role, deleted }) => !deleted && ["user", "assistant"].includes(role?.[1]);

// Returns [{role, text}], with interrupted: true for a turn that the learner interrupted.
export function turnsOf(events) {
  const turns = inOrder(itemsOf(events)).filter(shown).map((item) => {
    const turn = { role: item.role[1], text: wordsOf(item) };
    return item.interrupted ? { ...turn, interrupted: true } : turn;
  });
  return turns.filter(({ text }) => text);
}

// The number of turns that have begun but have no text yet.
export const outstanding = (events) =>
  [...itemsOf(events).values()].filter((item) => shown(item) && !item.settled && !wordsOf(item)).length;
