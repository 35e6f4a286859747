import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_user"),
    ]

    operations = [
        migrations.CreateModel(
            name="Teacher",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="teacher",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("headline", models.CharField(blank=True, max_length=150)),
                ("about", models.TextField(blank=True, max_length=5000)),
                ("qualification", models.CharField(blank=True, max_length=200)),
                ("experience_years", models.PositiveSmallIntegerField(default=0)),
                (
                    "certificates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("is_verified", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("experience_years__lte", 80)),
                        name="teacher_experience_is_a_working_life",
                        violation_error_message="Experience is 0 to 80 years.",
                    )
                ],
            },
        ),
    ]
