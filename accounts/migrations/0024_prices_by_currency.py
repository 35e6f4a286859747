"""Replaces the index of gigs by price: prices are compared within one currency only.

The index is built without blocking writes. If that fails, drop ``gig_active_by_currency`` and migrate again.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0023_short_search")]

    operations = [
        AddIndexConcurrently(
            model_name="gig",
            index=models.Index(
                fields=["currency", "price_per_session", "id"],
                condition=models.Q(("status", "active")),
                name="gig_active_by_currency",
            ),
        ),
        RemoveIndexConcurrently(model_name="gig", name="gig_active_by_price"),
    ]
