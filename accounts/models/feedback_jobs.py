"""Jobs of AI feedback, as staff see them: the conversations whose feedback was ever requested."""

from __future__ import annotations

from typing import Self

from accounts.models.voice_conversations import VoiceConversation, VoiceConversationQuerySet


class FeedbackJobQuerySet(VoiceConversationQuerySet):
    def requested(self) -> Self:
        """Conversations with a queued, finished or failed job."""
        return self.exclude(feedback_status=VoiceConversation.FeedbackStatus.NONE)


class FeedbackJob(VoiceConversation):
    """The job of a conversation: the columns of ``GeneratedFeedback``. It has no table of its own."""

    objects = FeedbackJobQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True
        default_permissions = ("view",)
