"""Corrections, cards, comments and shares in the admin: what staff find, and what they never read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Card, Comment, Correction, Share, User
from tests.fixtures.learning import Learning, make_learning, review
from tests.fixtures.staff import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = ("correction", "card", "comment", "share")
WITH_AUTHOR = ("correction", "comment", "share")
TEXTS = {
    "correction": ("quote", "corrected", "explanation"),
    "card": ("front", "back", "note", "search_text", "dedupe_key"),
    "comment": ("quote", "corrected", "text"),
    "share": ("conversation__topic", "learner__bio", "teacher__email"),
}


@pytest.fixture
def tom(make_account: Callable[..., User]) -> User:
    """A teacher."""
    return make_account("Tom", role=User.Role.TEACHER)


@pytest.fixture
def annas(make_account: Callable[..., User], tom: User) -> Learning:
    """Rows of Anna, who learns Spanish with Tom."""
    return make_learning(make_account("Anna"), tom)


@pytest.fixture
def zoes(make_account: Callable[..., User]) -> Learning:
    """Rows of Zoe, who learns German with another teacher."""
    return make_learning(make_account("Zoe"), target_language="German")


def path_of(name: str) -> str:
    return f"/admin/accounts/{name}/"


def listed(client: Client, name: str, query: str = "") -> list[Any]:
    """The rows of a list."""
    response = client.get(f"{path_of(name)}{query}")
    assert response.status_code == 200, response.headers
    return list(response.context["cl"].result_list)


@pytest.mark.parametrize("name", LISTS)
def test_rows_are_found_by_the_name_address_and_id_of_the_learner(
    boss: Client, annas: Learning, zoes: Learning, name: str
) -> None:
    mine, other = getattr(annas, name), getattr(zoes, name)
    anna = annas.share.learner
    assert listed(boss, name) == [other, mine]
    for query in ("anna", anna.email.upper(), str(anna.pk)):
        assert listed(boss, name, f"?q={query}") == [mine]
    assert listed(boss, name, "?q=nobody") == []


@pytest.mark.parametrize("name", WITH_AUTHOR)
def test_rows_are_found_by_their_teacher(
    boss: Client, annas: Learning, zoes: Learning, tom: User, name: str
) -> None:
    for query in ("tom", tom.email, str(tom.pk)):
        assert listed(boss, name, f"?q={query}") == [getattr(annas, name)]


@pytest.mark.parametrize("name", LISTS)
def test_rows_are_filtered_by_language_and_day(
    boss: Client, annas: Learning, zoes: Learning, name: str
) -> None:
    mine = getattr(annas, name)
    for language in ("Spanish", "español", "es"):
        assert listed(boss, name, f"?language={language}") == [mine]
    assert listed(boss, name, "?language=French") == []
    type(mine).objects.filter(pk=mine.pk).update(created_at=datetime(2026, 1, 2, tzinfo=UTC))
    day = "created_at__year=2026&created_at__month=1&created_at__day=2"
    assert listed(boss, name, f"?{day}") == [mine]
    assert listed(boss, name, f"?{day}&language=de") == []


def test_corrections_are_filtered_by_source_and_cards_by_state(boss: Client, annas: Learning) -> None:
    assert listed(boss, "correction", "?source__exact=teacher") == [annas.correction]
    assert listed(boss, "correction", "?source__exact=ai") == []
    assert listed(boss, "card", "?state__exact=new") == [annas.card]
    assert listed(boss, "card", "?state__exact=review") == []


def test_a_card_shows_the_number_of_its_reviews(boss: Client, annas: Learning, zoes: Learning) -> None:
    for _ in range(3):
        review(annas.card)
    assert {card.pk: card.review_count for card in listed(boss, "card")} == {
        annas.card.pk: 3,
        zoes.card.pk: 0,
    }
    assert [card.pk for card in listed(boss, "card", "?o=-5")] == [annas.card.pk, zoes.card.pk]


@pytest.mark.parametrize("name", LISTS)
def test_no_page_shows_a_text(boss: Client, annas: Learning, name: str) -> None:
    row = getattr(annas, name)
    for path in ("", f"{row.pk}/change/", "?q=anna"):
        html = boss.get(f"{path_of(name)}{path}").content.decode()
        assert "secret" not in html.lower(), path
    assert "Anna" in boss.get(f"{path_of(name)}{row.pk}/change/").content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_no_search_or_filter_finds_a_text(boss: Client, annas: Learning, name: str) -> None:
    assert listed(boss, name, "?q=secret") == []
    for column in TEXTS[name]:
        for lookup in ("startswith", "contains", "regex"):
            response = boss.get(f"{path_of(name)}?{column}__{lookup}=secret")
            assert response.status_code in (302, 400), (column, lookup)
            followed = boss.get(f"{path_of(name)}?{column}__{lookup}=nothing", follow=True)
            assert followed.status_code in (200, 400)


@pytest.mark.parametrize("name", LISTS)
def test_the_texts_are_not_read_from_the_database(
    boss: Client, annas: Learning, name: str, django_assert_max_num_queries: Any
) -> None:
    row = getattr(annas, name)
    with django_assert_max_num_queries(20) as counted:
        boss.get(path_of(name))
        boss.get(f"{path_of(name)}{row.pk}/change/")
    private = {f'"accounts_voiceconversation"."{column}"' for column in ("topic", "transcription")}
    private |= {f'"accounts_{name}"."{column}"' for column in TEXTS[name]}
    statements = [query["sql"] for query in counted.captured_queries]
    assert [column for column in private if any(column in sql for sql in statements)] == []


@pytest.mark.parametrize("name", LISTS)
def test_staff_change_add_and_delete_nothing(boss: Client, annas: Learning, name: str) -> None:
    row = getattr(annas, name)
    html = boss.get(f"{path_of(name)}{row.pk}/change/").content.decode()
    assert 'name="_save"' not in html and "/delete/" not in html
    for path in ("add/", f"{row.pk}/delete/", f"{row.pk}/change/"):
        assert boss.post(f"{path_of(name)}{path}", {"post": "yes"}).status_code == 403
    boss.post(path_of(name), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert [model.objects.count() for model in (Correction, Card, Comment, Share)] == [1, 1, 1, 1]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_needs_its_own_permission(make_staff: Callable[..., User], annas: Learning, name: str) -> None:
    row = getattr(annas, name)
    others = [f"view_{other}" for other in LISTS if other != name]
    member, other = signed_in(make_staff("Sam", f"view_{name}")), signed_in(make_staff("Eve", *others))
    for path in (path_of(name), f"{path_of(name)}{row.pk}/change/"):
        assert member.get(path).status_code == 200
        assert other.get(path).status_code == 403
        assert Client().get(path)["Location"].startswith("/admin/login/")
    assert path_of(name) in member.get("/admin/").content.decode()
    assert path_of(name) not in other.get("/admin/").content.decode()
