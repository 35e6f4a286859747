"""Computes the search columns of existing rows again, for a fold that covers more characters, in batches."""

from importlib import import_module

from django.db import migrations

fill = import_module("accounts.migrations.0019_search_fold").fill


class Migration(migrations.Migration):
    atomic = False  # each batch is a transaction
    dependencies = [("accounts", "0024_prices_by_currency")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
