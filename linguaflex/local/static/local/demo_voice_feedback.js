// Feedback on a conversation, as DOM elements.

import { element } from "./demo_dom.js";
import { NO_SCORE, labelOf } from "./demo_voice_words.js";

export const SCORES = ["grammar_score", "pronunciation_score"];
const FIRST = [...SCORES, "pronunciation_note", "cefr_estimate", "vocabulary_usage"];

// The generated feedback, or else the saved ai_feedback. Unknown keys of ai_feedback may have any JSON value.
export function feedbackItems({ generated_feedback: generated, ai_feedback: given }) {
  if (!generated) return Object.keys(given).length ? [listOf(given)] : [];
  const { corrections = [], ...feedback } = generated;
  const quoted = corrections.map(({ quote, corrected, explanation }) => element("li", "", {},
    element("q", quote), " → ", element("b", corrected), element("small", explanation)));
  return [listOf(feedback), element("ul", "", { id: "corrections" }, ...quoted)];
}

function listOf(feedback) {
  const keys = new Set([...FIRST.filter((key) => key in feedback), ...Object.keys(feedback)]);
  return element("dl", "", {}, ...[...keys].flatMap((key) => [element("dt", labelOf(key)), valueOf(feedback[key])]));
}

const wordsOf = (value) => (typeof value === "object" ? JSON.stringify(value) : value);

function valueOf(value) {
  if (value === null) return element("dd", NO_SCORE);
  if (!Array.isArray(value)) return element("dd", wordsOf(value));
  return element("dd", "", {}, element("ul", "", {}, ...value.map((each) => element("li", wordsOf(each)))));
}
