"""The proxy model of feedback jobs, with its permission. It has no table."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0042_staff_groups")]

    operations = [
        migrations.CreateModel(
            name="FeedbackJob",
            fields=[],
            options={"proxy": True, "default_permissions": ("view",), "indexes": [], "constraints": []},
            bases=("accounts.voiceconversation",),
        ),
    ]
