"""The migration that computes the language codes of existing rows again."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Gig, User, VoiceConversation
from tests.fixtures.people import Person

migration = import_module("accounts.migrations.0018_language_codes")


def outdate(model: Any, **codes: Any) -> None:
    """Stores codes and a search text as an earlier version might have."""
    model.objects.update(search_text="as it was", **codes)


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_codes_of_users_gigs_and_conversations_are_brought_up_to_date(
    student: Person, teacher: Person, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "BATCH", batch)
    User.objects.update(native_language="Indian English", learning_languages=["Norwegian", "汉语", "Norsk"])
    outdate(User, native_language_code="hi", learning_language_codes=["nb", "汉语", "nb"])
    for language in ("Castellano", "Spanish", "Irish English"):
        teacher.offer(language=language)
        student.save_conversation(target_language=language, native_language="汉语")
    outdate(Gig, language_code="xx")
    outdate(VoiceConversation, target_language_code="xx", native_language_code="汉语")

    migration.recompute(apps, None)

    users = User.objects.values_list("native_language_code", "learning_language_codes", "search_text")
    assert set(map(str, users)) == {"('en', ['no', 'zh'], 'as it was')"}
    gigs = Gig.objects.order_by("language").values_list("language_code", "search_text")
    assert list(gigs) == [("es", "as it was"), ("en", "as it was"), ("es", "as it was")]
    conversations = VoiceConversation.objects.order_by("target_language")
    codes = conversations.values_list("target_language_code", "native_language_code", "search_text")
    assert list(codes) == [("es", "zh", "as it was"), ("en", "zh", "as it was"), ("es", "zh", "as it was")]


def test_rows_with_the_right_codes_are_not_written(student: Person, teacher: Person) -> None:
    teacher.offer()
    student.save_conversation()
    with CaptureQueriesContext(connection) as queries:
        migration.recompute(apps, None)
    assert [query["sql"] for query in queries if query["sql"].startswith("UPDATE")] == []
