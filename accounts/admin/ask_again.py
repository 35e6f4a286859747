"""The button "Ask again for feedback" on pages of conversations and feedback jobs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action

from accounts.admin.private_rows import PrivateRowsAdmin
from accounts.models import VoiceConversation
from accounts.services import feedback

TITLE = "Ask again for feedback"
EFFECT = "AI feedback is requested for {rows}. It replaces the AI's earlier feedback. OpenAI charges for it."


class AskAgain(PrivateRowsAdmin):
    """Pages of conversations with the button."""

    def has_ask_again_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the member of staff may view the row and request feedback again."""
        may_change = request.user.has_perm("accounts.change_voiceconversation")
        return self.has_view_permission(request) and may_change

    @action(  # type: ignore[untyped-decorator]
        description=TITLE, url_path="feedback", permissions=["ask_again"], icon="refresh"
    )
    def ask_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks for a confirmation, then queues the feedback of the conversation as its learner does."""
        return self.act_on_page(request, object_id, self._request_feedback, title=TITLE, effect=EFFECT)

    def _request_feedback(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        def request_one(row: VoiceConversation) -> None:
            feedback.request_feedback(user=row.user, pk=row.pk, at=timezone.now())

        self.apply_to_each(request, rows, request_one, "Feedback requested again")
