"""Permissions of the admin actions: suspend a gig, verify a teacher, ban a user."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_fill_search_text")]

    operations = [
        migrations.AlterModelOptions(
            name="gig",
            options={"permissions": [("suspend_gig", "Can suspend gigs and lift suspensions")]},
        ),
        migrations.AlterModelOptions(
            name="teacher",
            options={"permissions": [("verify_teacher", "Can verify teachers and take it back")]},
        ),
        migrations.AlterModelOptions(
            name="user",
            options={"permissions": [("ban_user", "Can ban people and lift bans")]},
        ),
    ]
