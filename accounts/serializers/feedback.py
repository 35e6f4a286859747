"""AI feedback that was asked for."""

from typing import Any

from rest_framework import serializers


class FeedbackQueuedSerializer(serializers.Serializer[Any]):
    """The job waits; the conversation's ``feedback_status`` says when it is over."""

    status = serializers.CharField()
