// Words of the voice practice page, for what the API says in keys and codes.

export function problemIn({ message, code, seconds }) {
  if (code === "openai_not_configured") {
    return `${message} Set it, or start the server with LINGUAFLEX_OPENAI_SIMULATOR=1, and try again.`;
  }
  if (!seconds || code === "openai_rejected") return message; // a repetition changes nothing
  const wait = seconds > 120 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
  return `${message} Again in ${wait}.`;
}
