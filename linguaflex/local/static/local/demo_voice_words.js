// Texts of the voice practice page for keys and codes of the API.

// What a failed or incomplete answer, or a browser, says in a code.
const WORDS = {
  "Answer cut: max_output_tokens": "The tutor's answer was too long and was cut off.",
  "Answer cut: content_filter": "A filter cut the tutor's answer off.",
};

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

export const labelOf = (key) => key.replaceAll("_", " ").replace("cefr", "CEFR");
export const NO_SCORE = "no score";

const days = (count) => `${count} day${count === 1 ? "" : "s"}`;
export const streaksOf = ({ current_streak_days: current, longest_streak_days: longest }) =>
  ({ "current streak": days(current), "longest streak": days(longest) });

export const statusOf = ({ feedback_status: status }) => (status === "none" ? "not requested" : status);

// "24 Nov, 14 min", or "24 Nov" if the minutes are unknown.
export function timeOf({ created_at, duration_minutes: minutes }) {
  const date = new Date(created_at).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return minutes === null ? date : `${date}, ${minutes} min`;
}
