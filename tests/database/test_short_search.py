"""The search of words without a trigram: the same rows as LIKE finds, from an index."""

from typing import Any

import hypothesis
import pytest
from django.db import connection
from hypothesis import strategies

from accounts.models import Gig, Teacher, User
from accounts.models.search import contains_word
from tests.fixtures.marketplace import fill_marketplace
from tests.fixtures.plans import nodes_of

MANY = 200_000
# Letters with and without a trigram, letters that the index leaves out, and characters that LIKE escapes.
LETTERS = strategies.text("ab1ñ世界е+_%\\𝄞 \n", max_size=12)


@pytest.mark.slow
@hypothesis.given(
    strategies.lists(LETTERS, max_size=6), strategies.text("ab1ñ世界е+_%\\𝄞", min_size=1, max_size=4)
)
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture], deadline=None)
def test_a_word_is_found_if_it_is_a_substring(db: None, texts: list[str], word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from accounts_user")
    people = [User(pk=f"{number:032x}", search_text=text) for number, text in enumerate(texts)]
    User.objects.bulk_create(people)
    found = User.objects.filter(contains_word(word)).values_list("pk", flat=True)
    assert {pk.int for pk in found} == {number for number, text in enumerate(texts) if word in text}


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_api_roles_cannot_call_the_function(db: None, role: str) -> None:
    signature = "private.short_substrings(text)"
    with connection.cursor() as cursor:
        cursor.execute("select has_function_privilege(%s, %s, 'execute')", [role, signature])
        assert cursor.fetchone() == (False,)


@pytest.fixture
def many(db: None) -> None:
    """200,000 users and gigs."""
    with connection.cursor() as cursor:
        fill_marketplace(cursor, MANY)


@pytest.mark.slow
@pytest.mark.usefixtures("many")
def test_short_words_are_found_without_a_scan_of_the_table() -> None:
    gigs, people = Gig.objects.active(), User.objects.listed()
    lists: dict[str, Any] = {
        "gigs": lambda word: gigs.with_teacher().mentioning(word).newest_first()[:51],
        "cheap gigs": lambda word: gigs.mentioning(word).order_by("price_per_session", "id")[:51],
        "people": lambda word: people.mentioning(word).newest_first()[:51],
        "teachers": lambda word: Teacher.objects.listed().mentioning(word, gigs)[:51],
    }
    for word, found in {"世界": True, "界": True, "龘龘": False, "界你": False, "c++": True}.items():
        for name, rows in lists.items():
            assert bool(rows(word)) == found, (name, word)
            scanned = {
                node["Relation Name"] for node in nodes_of(rows(word)) if node["Node Type"] == "Seq Scan"
            }
            assert scanned <= {"accounts_teacher"}, (name, word, scanned)
