"""The button "Ask again" on pages of conversations and feedback jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.decorators import action

from accounts.admin.private_rows import PrivateRowsAdmin
from accounts.errors import LinguaFlexError
from accounts.models import VoiceConversation
from accounts.services import feedback

DONE = "AI feedback was requested again."


class AskAgain(PrivateRowsAdmin):
    """Pages of conversations with the button "Ask again"."""

    def has_ask_again_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the member of staff may view the row and request feedback again."""
        may_change = request.user.has_perm("accounts.change_voiceconversation")
        return self.has_view_permission(request) and may_change

    @action(  # type: ignore[untyped-decorator]
        description="Ask again for feedback",
        url_path="feedback",
        permissions=["ask_again"],
        icon="refresh",
    )
    def ask_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks for a confirmation, then queues the feedback of the conversation as its learner does."""
        row: VoiceConversation | None = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if request.method != "POST":
            context = {**self.admin_site.each_context(request), "title": "Ask again", "opts": self.opts}
            return TemplateResponse(request, "accounts/admin/ask_again.html", context | {"row": row})
        try:
            feedback.request_feedback(user=row.user, pk=row.pk, at=timezone.now())
        except LinguaFlexError as error:
            self.message_user(request, error.detail, messages.ERROR)
        else:
            self.log_change(request, row, DONE)
            self.message_user(request, DONE, messages.SUCCESS)
        return redirect(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)
