"""The migration that shortens the search texts of existing gigs."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Gig
from tests.fixtures.people import Person
from tests.fixtures.staff import make_gig

migration: Any = import_module("accounts.migrations.0049_shorten_gig_search")
pytestmark = pytest.mark.django_db


def test_long_search_texts_become_those_of_new_gigs(teacher: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "BATCH", 2)
    made = [make_gig(teacher.user) for _ in range(5)]
    for gig in made:
        gig.change_fields({"description": "word " * 1_900, "tags": ["Full-time"]})
    short = make_gig(teacher.user)
    Gig.objects.filter(pk__in=[gig.pk for gig in made]).update(search_text="old " * 1_000)
    Gig.objects.filter(pk=short.pk).update(search_text="kept")
    migration.shorten(apps, None)
    texts = Gig.objects.order_by("pk").values_list("search_text", "full_search_text")
    assert [own for own, _ in texts] == [*(gig.search_text for gig in made), "kept"]
    assert all(full.startswith(own) and "old" not in full for own, full in texts)
