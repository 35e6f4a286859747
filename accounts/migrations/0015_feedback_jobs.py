"""The state of the feedback job: see accounts/models/feedback.py."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_voice_session")]

    operations = [
        migrations.AddField(
            "voiceconversation", "generated_keys", models.JSONField(blank=True, editable=False, null=True)
        ),
        migrations.AddField(
            "voiceconversation",
            "feedback_attempts",
            models.PositiveSmallIntegerField(db_default=0, editable=False),
        ),
        migrations.AddField(
            "voiceconversation",
            "feedback_due_at",
            models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
