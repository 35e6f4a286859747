// A conversation in a list.

import { html } from "../vendor/preact.js";
import { count, factsOf } from "../words.js";
import { Pill, Said } from "./basics.js";
import { Icon } from "./icons.js";
import { mergedFeedback } from "./feedback.js";

export const FIELDS = [
  ...["id", "topic", "target_language", "target_language_code", "conversation_type_display", "duration_minutes"],
  ...["ai_feedback", "feedback_status", "comments_count", "created_at"],
].join(",");

export function ConversationItem({ conversation }) {
  const { id, topic, target_language_code, feedback_status, comments_count } = conversation;
  const score = mergedFeedback(conversation).grammar_score;
  return html`
    <a class="conversation-item" href="#/conversation/${id}">
      <span class="what">
        <b><${Said} lang=${target_language_code}>${topic}<//></b>
        <span class="soft small">${factsOf(conversation)}</span>
      </span>
      <span class="row">
        ${typeof score === "number" && html`<${Pill} kind="good">Grammar ${score}<//>`}
        ${feedback_status === "queued" && html`<${Pill} kind="gold">Feedback on its way<//>`}
        ${feedback_status === "failed" && html`<${Pill} kind="bad">Feedback failed<//>`}
        ${comments_count > 0 && html`<${Pill} kind="warm">${count(comments_count, "comment")}<//>`}
      </span>
      <${Icon} name="next" />
    </a>`;
}
