from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_staff_permissions"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="email_as_of",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
