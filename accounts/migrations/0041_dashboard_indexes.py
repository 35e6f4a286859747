"""Indexes for the figures of the admin's dashboard, and for the list of voice sessions.

They are built without blocking writes. If that fails, drop those of ``practice_by_hour``,
``conversation_without_feedback`` and ``voice_session_newest_first`` that exist, and migrate again.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0040_bans")]

    operations = [
        AddIndexConcurrently(
            model_name="practicehour",
            index=models.Index(fields=["hour"], name="practice_by_hour"),
        ),
        AddIndexConcurrently(
            model_name="voiceconversation",
            index=models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(("feedback_status", "failed")),
                name="conversation_without_feedback",
            ),
        ),
        AddIndexConcurrently(
            model_name="voicesession",
            index=models.Index(fields=["-created_at", "-id"], name="voice_session_newest_first"),
        ),
    ]
