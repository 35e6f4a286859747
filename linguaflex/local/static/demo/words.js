// Texts for values of the API: times, languages, errors.

const DAY = 24 * 3600 * 1000;
const languages = new Intl.DisplayNames("en", { type: "language" });

// "today", "yesterday", "3 days ago", or "24 Nov 2026".
export function dayOf(instant, now = new Date()) {
  const date = new Date(instant);
  const midnight = (of) => new Date(of.getFullYear(), of.getMonth(), of.getDate());
  const days = Math.round((midnight(now) - midnight(date)) / DAY);
  if (days >= 0 && days < 7) return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-days, "day");
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

export const clockOf = (instant) =>
  new Date(instant).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

// The English name of a language's code; the code itself if it has no name.
export function languageOf(code) {
  try {
    return languages.of(code);
  } catch {
    return code;
  }
}

// "today · 14 min · Spanish · Free Conversation"; without the minutes if they are unknown.
export function factsOf({ created_at, duration_minutes: minutes, target_language, conversation_type_display: type }) {
  return [dayOf(created_at), minutes !== null && `${minutes} min`, target_language, type].filter(Boolean).join(" · ");
}

export const count = (number, noun, plural = `${noun}s`) => `${number} ${number === 1 ? noun : plural}`;

export const labelOf = (key) => key.replaceAll("_", " ").replace("cefr", "CEFR").replace(/^./, (c) => c.toUpperCase());

// What a failed or incomplete answer of the tutor, or a browser, says in a code.
const WORDS = {
  "Answer cut: max_output_tokens": "The tutor's answer was too long and was cut off.",
  "Answer cut: content_filter": "A filter cut the tutor's answer off.",
  "Failed to fetch": "The server cannot be reached. Check the connection.",
};

// What an error says to the user.
export function problemIn({ name, message, code, seconds }) {
  if (name === "TimeoutError") return "The tutor does not answer. Try again.";
  if (code === "openai_not_configured") {
    return `${message} Set it, or start the server with LINGUAFLEX_OPENAI_SIMULATOR=1, and try again.`;
  }
  if (message in WORDS) return WORDS[message];
  if (!seconds || code === "openai_rejected") return message; // a retry cannot succeed
  const wait = seconds > 120 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
  return `${message} Retry in ${wait}.`;
}
