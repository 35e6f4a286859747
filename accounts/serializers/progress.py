"""Serializers of the summary and of the progress report."""

from typing import Any

from rest_framework import serializers

from accounts.models import VoiceConversation
from accounts.models.voice_conversations import Interval
from accounts.serializers.fields import TextField


class LabelledTypeSerializer(serializers.Serializer[Any]):
    """A conversation type and its label."""

    value = serializers.ChoiceField(VoiceConversation.Type.choices)
    label = TextField()  # type: ignore[assignment]


class CountedLanguageSerializer(serializers.Serializer[Any]):
    """A target language and the number of its conversations."""

    code = TextField(help_text="As target_language_code of its conversations.")
    label = TextField(help_text="Its most frequent spelling.")  # type: ignore[assignment]
    count = serializers.IntegerField()


class AreaSerializer(serializers.Serializer[Any]):
    """An area for improvement and the number of times it occurs."""

    area = TextField()
    count = serializers.IntegerField()


class AverageScoresSerializer(serializers.Serializer[Any]):
    """The mean of each score; null if no conversation has it."""

    grammar_score = serializers.FloatField(allow_null=True)
    pronunciation_score = serializers.FloatField(allow_null=True)


class SummarySerializer(serializers.Serializer[Any]):
    """Totals, streaks, average scores and advice."""

    total_conversations = serializers.IntegerField()
    total_duration_minutes = serializers.IntegerField()
    average_duration_minutes = serializers.FloatField()
    conversations_by_language = serializers.DictField(
        child=serializers.IntegerField(), help_text="By label, the same languages as in `languages`."
    )
    languages = CountedLanguageSerializer(many=True, help_text="At most 200, the most frequent first.")
    conversations_by_type = serializers.DictField(child=serializers.IntegerField())
    recent_conversations_last_7_days = serializers.IntegerField()
    available_conversation_types = LabelledTypeSerializer(many=True)
    average_scores = AverageScoresSerializer()
    current_streak_days = serializers.IntegerField()
    longest_streak_days = serializers.IntegerField()
    top_areas_for_improvement = AreaSerializer(
        many=True, help_text="The five most frequent of the first 20 of each of the latest 100 conversations."
    )
    suggested_next_topics = serializers.ListField(
        child=TextField(), help_text="The ten newest of the first 20 of each of the latest 100 conversations."
    )
    first_conversation_at = serializers.DateTimeField(allow_null=True)
    last_conversation_at = serializers.DateTimeField(allow_null=True)


class PeriodSerializer(serializers.Serializer[Any]):
    """The figures of one day, week or month."""

    period = serializers.DateField(help_text="The first day of the period.")
    conversations = serializers.IntegerField()
    minutes = serializers.IntegerField()
    average_scores = AverageScoresSerializer()


class ScoreTrendSerializer(serializers.Serializer[Any]):
    """The means of the last 30 days and of the 30 days before; null if no conversation has the score."""

    last_30_days = serializers.FloatField(allow_null=True)
    previous_30_days = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(allow_null=True, help_text="Null if one of the two means is null.")


class TrendSerializer(serializers.Serializer[Any]):
    """The trend of each score."""

    grammar_score = ScoreTrendSerializer()
    pronunciation_score = ScoreTrendSerializer()


class ProgressSerializer(serializers.Serializer[Any]):
    """The figures of each period, including empty ones, and the trend of the scores."""

    interval = serializers.ChoiceField(choices=Interval.choices)
    timezone = TextField()
    series = PeriodSerializer(many=True)
    trend = TrendSerializer()
