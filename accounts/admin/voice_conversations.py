"""Voice conversations in the admin, read-only. Topic, transcript and feedback are behind a form."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.admin import person_links, shown_parts
from accounts.admin.ask_again import AskAgain
from accounts.admin.dialogues import dialogue
from accounts.admin.links import link
from accounts.admin.private_rows import TargetLanguageFilter
from accounts.admin.private_text import PrivateTextAdmin
from accounts.admin.site import site
from accounts.models import Correction, User, VoiceConversation
from accounts.models.voice_conversations import SCORES
from accounts.values.transcripts import turns_of


@admin.register(VoiceConversation, site=site)
class VoiceConversationAdmin(AskAgain, PrivateTextAdmin):
    """Every conversation."""

    people = ("user",)
    list_display = (
        *("created_at", "user", "target_language_code", "conversation_type", "duration_minutes"),
        *("feedback_status", "grammar_score", "pronunciation_score"),
    )
    list_filter = ("conversation_type", "feedback_status", TargetLanguageFilter, "created_at")
    filtered = ("conversation_type", "feedback_status", "language", "created_at", "user")
    more_fields = (
        *("native_language_code", "score_bars", "comments_count", "voice_session"),
        *("feedback_attempts", "feedback_error", "feedback_due_at", "updated_at"),
    )
    loaded = ("session",)
    actions_detail = ("read_text", "ask_again")

    @admin.display(description="scores")
    def score_bars(self, conversation: VoiceConversation) -> SafeString:
        """A bar from 0 to 100 for each score that there is."""
        scores = [(name, getattr(conversation, name)) for name in SCORES]
        bars = [(bar(name, score),) for name, score in scores if score is not None]
        return format_html_join("", '<div class="mb-2 w-full">{}</div>', bars)

    @admin.display(description="voice session")
    def voice_session(self, conversation: VoiceConversation) -> str:
        """A link to the session that the conversation was saved from."""
        pk = conversation.session_id
        return link(reverse("admin:accounts_voicesession_change", args=[pk]), pk) if pk else "-"

    def texts(self, request: HttpRequest, row: VoiceConversation) -> dict[str, Any]:
        """Topic and feedback, and the transcript as a dialogue with its corrections."""
        turns = turns_of(row.transcription, learner_name=row.user.name)
        rows: Any = Correction.objects.in_conversation(row).with_number_of_rows().oldest_first()
        found = list(rows[: shown_parts.MAX_CORRECTIONS])
        shown = shown_parts.first_corrections(found)
        return {
            "rows": [("Topic", row.topic), *feedback_of(row)],
            "heading": "Transcript",
            **dialogue(turns, shown),
            "more_corrections": found[0].number_of_rows - len(shown) if found else 0,
            "corrections_link": self._corrections_link(request, row.user),
        }

    def _corrections_link(self, request: HttpRequest, learner: User) -> str:
        """The path of the list of the learner's corrections; "" for staff who may not view it."""
        pages = self.admin_site.get_model_admin(Correction)
        return person_links.link(pages, learner)[1] if pages.has_view_permission(request) else ""


def bar(name: str, score: float) -> str:
    """A bar of unfold."""
    context = {"title": label_of(name), "value": f"{score:.1f}", "description": f"{score:g}"}
    return render_to_string("unfold/components/progress.html", context)


def feedback_of(conversation: VoiceConversation) -> list[tuple[str, str]]:
    """Label and text of each part of the feedback, without scores and corrections, which are elsewhere."""
    stored = {**(conversation.generated_feedback or {}), **conversation.ai_feedback}
    shown = {key: value for key, value in stored.items() if key not in (*SCORES, "corrections")}
    return [(f"Feedback: {label_of(key)}", text_of(value)) for key, value in shown.items()]


def label_of(key: str) -> str:
    return key.replace("_", " ").capitalize()


def text_of(value: Any) -> str:
    """A text, the lines of a list of texts, or JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)
