"""Reads of teachers and gigs without a token, with PUBLIC_MARKETPLACE."""

from collections.abc import Callable
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from accounts.models import Gig
from accounts.rest.shared_counts import SharedCounts
from accounts.rest.throttles import IN_MEMORY, ScopedThrottle
from tests.fixtures.people import GIGS, Person, client_of
from tests.fixtures.staff import ban

pytestmark = pytest.mark.django_db

TEACHERS = "/accounts/teachers/"
TEACHER_KEYS = {
    *("id", "name", "profile_picture", "headline", "about", "native_language", "learning_languages"),
    *("prices", "gigs"),
}
GIG_KEYS = {
    *("id", "title", "description", "language", "language_code", "price_per_session", "currency"),
    *("session_minutes", "tags", "what_is_included"),
}


@pytest.fixture(autouse=True)
def public_marketplace(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opens the marketplace. No request has been counted."""
    settings.PUBLIC_MARKETPLACE = True
    assert "marketplace" in IN_MEMORY, "a read would cost another statement"
    monkeypatch.setitem(IN_MEMORY, "marketplace", SharedCounts())


@pytest.fixture
def paths(teacher: Person) -> list[str]:
    """The four reads, of a teacher with a gig."""
    gig = teacher.offer()
    return [GIGS, f"{GIGS}{gig['id']}/", TEACHERS, f"{TEACHERS}{teacher.user.pk}/"]


def test_answers_without_a_token_have_these_fields_of_what_members_see(
    paths: list[str], student: Person
) -> None:
    for path in paths:
        found, full = client_of().get(path).json(), student.client.get(path).json()
        [[row], [whole]] = [each if isinstance(each, list) else [each] for each in (found, full)]
        gigs = row.pop("gigs", None)
        if gigs is not None:
            assert set(row) == TEACHER_KEYS - {"gigs"}
            assert [set(gig) for gig in gigs] == [GIG_KEYS]
            assert gigs == [{name: gig[name] for name in GIG_KEYS} for gig in whole["gigs"]]
        else:
            assert set(row) == GIG_KEYS | {"teacher"}
            person = row.pop("teacher")
            assert set(person) == {"id", "name", "profile_picture", "headline"}
            assert person == {name: whole["teacher"][name] for name in person}
        assert row == {name: whole[name] for name in row}
        assert len(whole) > len(row)


def test_only_gigs_on_offer_of_teachers_in_the_directory_are_open(
    teacher: Person, make_teacher: Callable[..., Person]
) -> None:
    gone, client = make_teacher("Gustavo"), client_of()
    offered, hidden = teacher.offer(), [teacher.offer(status="draft"), teacher.offer(), teacher.offer()]
    teacher.client.post(f"{GIGS}{hidden[1]['id']}/pause/")
    Gig.objects.filter(pk=hidden[2]["id"]).get().suspend(reason="scam", at=teacher.user.created_at)
    hidden.append(gone.offer())
    ban(gone.user)
    assert [gig["id"] for gig in client.get(GIGS).json()] == [offered["id"]]
    [listed] = client.get(TEACHERS).json()
    assert listed == client.get(f"{TEACHERS}{teacher.user.pk}/").json()
    assert [gig["id"] for gig in listed["gigs"]] == [offered["id"]]
    for path in [f"{TEACHERS}{gone.user.pk}/", *(f"{GIGS}{gig['id']}/" for gig in hidden)]:
        assert client.get(path).status_code == 404, path


def test_only_answers_without_a_token_may_be_stored_by_caches(paths: list[str], student: Person) -> None:
    for path in paths:
        for method in ("get", "head"):
            anonymous = getattr(client_of(), method)(path)
            assert (anonymous.status_code, anonymous["Cache-Control"]) == (200, "public, max-age=60")
            assert "Prefer" in anonymous["Vary"].split(", ")
            member, refused = getattr(student.client, method)(path), getattr(client_of("x"), method)(path)
            assert (member.status_code, refused.status_code) == (200, 401)
            assert member["Cache-Control"] == refused["Cache-Control"] == "no-store"
            for answer in (anonymous, member, refused):
                assert "Authorization" in answer["Vary"].split(", ")
        assert not client_of().head(path).content
    missing = client_of().get(f"{GIGS}999999/")
    assert (missing.status_code, missing["Cache-Control"]) == (404, "no-store")


def test_no_cache_stores_the_answers_of_a_closed_marketplace(
    paths: list[str], student: Person, settings: Any
) -> None:
    settings.PUBLIC_MARKETPLACE = False
    for path in paths:
        answers = client_of().get(path), student.client.get(path)
        assert [answer.status_code for answer in answers] == [401, 200]
        for answer in answers:
            assert (answer["Cache-Control"], "Prefer" in answer["Vary"]) == ("no-store", False)


def test_a_search_needs_a_token_because_it_finds_words_of_other_fields(
    teacher: Person, student: Person
) -> None:
    teacher.client.patch("/accounts/users/me/", {"city": "Cádiz"})
    teacher.offer()
    for path in (GIGS, TEACHERS):
        answer = client_of().get(path, {"search": "cadiz"})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert len(student.client.get(path, {"search": "cadiz"}).json()) == 1
        assert len(client_of().get(path, {"language": "Spanish", "currency": "EUR"}).json()) == 1
        assert client_of().get(path, {"language": "French"}).json() == []


@pytest.mark.parametrize("order", ["experience", "-experience"])
def test_an_order_by_a_field_that_is_not_open_needs_a_token(
    teacher: Person, student: Person, order: str
) -> None:
    gig = teacher.offer()
    answer = client_of().get(TEACHERS, {"ordering": order})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert len(student.client.get(TEACHERS, {"ordering": order}).json()) == 1
    by_price = {"ordering": "price", "currency": gig["currency"]}
    assert len(client_of().get(TEACHERS, by_price).json()) == 1


def test_pages_are_followed_without_a_token(teacher: Person, make_teacher: Callable[..., Person]) -> None:
    expected = {GIGS: [teacher.offer()["id"], make_teacher("Gustavo").offer()["id"]], TEACHERS: None}
    for path, ids in expected.items():
        first = client_of().get(path, {"limit": 1})
        second = client_of().get(first["Link"].partition(">")[0].removeprefix("<http://testserver"))
        found = [row["id"] for row in [*first.json(), *second.json()]]
        assert len(set(found)) == 2 and (ids is None or found == ids[::-1])
        assert "Link" not in second


def test_an_open_read_costs_the_statements_of_a_member_without_the_guard(
    paths: list[str], make_teacher: Callable[..., Person], student: Person, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        make_teacher(f"Teacher{number}").offer()
    for path, statements in zip(paths, (1, 1, 2, 2), strict=True):
        for client, guard in ((student.client, 1), (client_of(), 0)):
            client.get(path)
            with django_assert_num_queries(guard + statements):
                assert client.get(path).status_code == 200


def test_reads_without_a_token_are_counted_by_address_and_those_of_members_are_not(
    paths: list[str], student: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    monkeypatch.setattr(
        ScopedThrottle, "THROTTLE_RATES", {**ScopedThrottle.THROTTLE_RATES, "marketplace": "4/min"}
    )

    def status(path: str, address: str) -> int:
        return int(client_of().get(path, HTTP_X_FORWARDED_FOR=address).status_code)

    assert [status(path, "203.0.113.9") for path in [*paths, *paths]] == [200] * 4 + [429] * 4
    refused = client_of().get(GIGS, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert (refused.json()["code"], int(refused["Retry-After"]) in range(55, 62)) == ("throttled", True)
    assert refused["Cache-Control"] == "no-store" and "Authorization" in refused["Vary"]
    assert status(GIGS, "203.0.113.10") == 200
    assert student.client.get(GIGS, HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 200


@pytest.mark.slow
def test_the_openapi_document_lists_the_open_reads_whatever_the_setting(settings: Any) -> None:
    documents = []
    for settings.PUBLIC_MARKETPLACE in (True, False):
        documents.append(SchemaGenerator().get_schema(public=True))
    assert documents[0] == documents[1]
    both = {
        operation["operationId"]
        for path in documents[0]["paths"].values()
        for operation in path.values()
        if operation.get("security") == [{"SupabaseToken": []}, {}]
    }
    assert both == {"gigs_list", "gigs_get", "teachers_list", "teachers_get"}
