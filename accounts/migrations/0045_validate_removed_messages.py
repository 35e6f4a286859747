"""Validates the constraint of migration 0044, while messages are read and written."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0044_removed_messages")]

    operations = [ValidateConstraint(model_name="message", name="message_removed_by_staff_is_deleted")]
