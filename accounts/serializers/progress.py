"""What voice conversations add up to: the summary, and progress over time."""

from typing import Any

from rest_framework import serializers

from accounts.models.voice_conversations import Interval


class LabelledTypeSerializer(serializers.Serializer[Any]):
    """One of the seven types."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class AreaSerializer(serializers.Serializer[Any]):
    """An area for improvement and how often it was named."""

    area = serializers.CharField()
    count = serializers.IntegerField()


class AverageScoresSerializer(serializers.Serializer[Any]):
    """Means over the conversations that have the score; null without any."""

    grammar_score = serializers.FloatField(allow_null=True)
    pronunciation_score = serializers.FloatField(allow_null=True)


class SummarySerializer(serializers.Serializer[Any]):
    """Progress at a glance."""

    total_conversations = serializers.IntegerField()
    total_duration_minutes = serializers.IntegerField()
    average_duration_minutes = serializers.FloatField()
    conversations_by_language = serializers.DictField(child=serializers.IntegerField())
    conversations_by_type = serializers.DictField(child=serializers.IntegerField())
    recent_conversations_last_7_days = serializers.IntegerField()
    available_conversation_types = LabelledTypeSerializer(many=True)
    average_scores = AverageScoresSerializer()
    current_streak_days = serializers.IntegerField()
    longest_streak_days = serializers.IntegerField()
    top_areas_for_improvement = AreaSerializer(many=True)
    suggested_next_topics = serializers.ListField(child=serializers.CharField())
    first_conversation_at = serializers.DateTimeField(allow_null=True)
    last_conversation_at = serializers.DateTimeField(allow_null=True)


class PeriodSerializer(serializers.Serializer[Any]):
    """What was done in one day, week or month."""

    period = serializers.DateField(help_text="Its first day.")
    conversations = serializers.IntegerField()
    minutes = serializers.IntegerField()
    average_scores = AverageScoresSerializer()


class ScoreTrendSerializer(serializers.Serializer[Any]):
    """Means of the last 30 days and of the 30 before; null without any."""

    last_30_days = serializers.FloatField(allow_null=True)
    previous_30_days = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(allow_null=True, help_text="Null unless there are both.")


class TrendSerializer(serializers.Serializer[Any]):
    """Where each score is going."""

    grammar_score = ScoreTrendSerializer()
    pronunciation_score = ScoreTrendSerializer()


class ProgressSerializer(serializers.Serializer[Any]):
    """Progress over time, without gaps."""

    interval = serializers.ChoiceField(choices=Interval.choices)
    timezone = serializers.CharField()
    series = PeriodSerializer(many=True)
    trend = TrendSerializer()
