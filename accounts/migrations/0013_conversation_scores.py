"""The scores in ai_feedback as generated columns, and an index with all columns that progress reads."""

from django.db import migrations, models
from django.db.models.functions import Cast


def score(name: str) -> models.GeneratedField:
    """A generated column: the JSON number as a double, if it is from 0 to 100; otherwise null."""
    key = f"ai_feedback__{name}"
    held = models.Q((f"{key}__gte", 1e-300), (f"{key}__lte", 100))
    nearly_none = models.Q((f"{key}__gte", 0), (f"{key}__lt", 1e-300))
    return models.GeneratedField(
        db_persist=True,
        expression=models.Case(
            models.When(held, then=Cast(models.F(key), models.FloatField())),
            models.When(nearly_none, then=models.Value(0.0)),
            default=None,
        ),
        output_field=models.FloatField(null=True),
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_chat_events")]

    operations = [
        migrations.RemoveIndex(model_name="voiceconversation", name="conversation_of_user"),
        migrations.AddField(
            model_name="voiceconversation", name="grammar_score", field=score("grammar_score")
        ),
        migrations.AddField(
            model_name="voiceconversation", name="pronunciation_score", field=score("pronunciation_score")
        ),
        migrations.AddIndex(
            model_name="voiceconversation",
            index=models.Index(
                fields=["user", "-created_at", "-id"],
                include=(
                    "duration_minutes",
                    "conversation_type",
                    "target_language",
                    "target_language_code",
                    "grammar_score",
                    "pronunciation_score",
                ),
                name="conversation_of_user",
            ),
        ),
    ]
