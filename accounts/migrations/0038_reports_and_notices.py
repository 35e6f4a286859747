"""Reports, notices of staff, and the event of a notice on Supabase Realtime.

The policy of migration 0016 decides who receives the event.
"""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "0038_notice_events.sql"
UNDO = """
drop trigger notice_announced on public.accounts_notice;
drop function private.announce_notice();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0037_private_text_readings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("user", "User"),
                            ("gig", "Gig"),
                            ("message", "Message"),
                            ("comment", "Comment"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reported_id", models.CharField(blank=True, max_length=36)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("spam", "Spam"),
                            ("harassment", "Harassment"),
                            ("scam", "Scam"),
                            ("inappropriate", "Inappropriate"),
                            ("other", "Other"),
                        ],
                        max_length=15,
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=2000)),
                ("copied_text", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "action",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dismiss", "Dismissed"),
                            ("warn", "Warned"),
                            ("suspend_gig", "Gig suspended"),
                            ("remove_message", "Message removed"),
                            ("remove_comment", "Comment removed"),
                            ("ban", "Banned"),
                        ],
                        max_length=15,
                    ),
                ),
                ("handling_reason", models.TextField(blank=True, max_length=1000)),
                (
                    "handled_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="handled_reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reported_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="received_reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="filed_reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [("handle_report", "Can read and handle reports")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("warning", "Warning"), ("report", "Report handled"), ("ban", "Banned")],
                        max_length=10,
                    ),
                ),
                ("text", models.TextField(max_length=2000)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notices",
                        to="accounts.report",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["-handled_at", "created_at", "id"], name="report_queue"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["reporter", "-created_at", "-id"], name="report_of_reporter"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["kind", "reported_id"], name="report_of_thing"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(
                    ("handled_at__isnull", False), models.Q(("copied_text", ""), _negated=True)
                ),
                fields=["handled_at"],
                name="report_with_copy",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["user", "gig", "message", "comment"])),
                name="report_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["spam", "harassment", "scam", "inappropriate", "other"])),
                name="report_reason_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("handled_at", None)),
                fields=("reporter", "kind", "reported_id"),
                name="report_open_once_per_reporter",
                violation_error_message="You have reported this already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("handled_at", None), models.Q(("action", ""), _negated=True), _connector="XOR"
                ),
                name="report_is_handled_by_an_action",
                violation_error_message="A handled report has an action.",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["user", "-created_at", "-id"], name="notice_of_user"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["warning", "report", "ban"])), name="notice_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True),
                name="notice_has_a_text",
                violation_error_message="A notice has a text.",
            ),
        ),
        migrations.RunSQL(SQL.read_text(), UNDO),
    ]
