"""Adds the profile fields that the owner or staff have emptied, which access tokens do not fill again."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_throttles"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="emptied_fields",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                blank=True,
                db_default=[],
                default=list,
                editable=False,
                size=None,
            ),
        ),
    ]
