"""Rules of single columns on the models. The database columns do not change."""

import django.contrib.postgres.fields
import django.contrib.postgres.validators
import django.core.validators
from django.db import migrations, models

import accounts.models.validators


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_feedback_events"),
    ]

    operations = [
        migrations.AlterField(
            model_name="gig",
            name="currency",
            field=models.CharField(
                default="USD", max_length=3, validators=[accounts.models.validators.validate_currency]
            ),
        ),
        migrations.AlterField(
            model_name="gig",
            name="session_minutes",
            field=models.PositiveSmallIntegerField(
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1440),
                ]
            ),
        ),
        migrations.AlterField(
            model_name="gig",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50),
                blank=True,
                default=list,
                size=None,
                validators=[django.contrib.postgres.validators.ArrayMaxLengthValidator(20)],
            ),
        ),
        migrations.AlterField(
            model_name="teacher",
            name="certificates",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200),
                blank=True,
                default=list,
                size=None,
                validators=[django.contrib.postgres.validators.ArrayMaxLengthValidator(20)],
            ),
        ),
        migrations.AlterField(
            model_name="teacher",
            name="experience_years",
            field=models.PositiveSmallIntegerField(
                default=0, validators=[django.core.validators.MaxValueValidator(80)]
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="date_of_birth",
            field=models.DateField(
                blank=True, null=True, validators=[accounts.models.validators.validate_birth_date]
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="learning_languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50),
                blank=True,
                default=list,
                size=None,
                validators=[django.contrib.postgres.validators.ArrayMaxLengthValidator(20)],
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="timezone",
            field=models.CharField(
                default="UTC", max_length=64, validators=[accounts.models.validators.validate_time_zone]
            ),
        ),
    ]
