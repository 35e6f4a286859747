"""Voice sessions in the admin: the list, the page of a session, permissions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User, VoiceEvent, VoiceSession
from tests.fixtures.staff import signed_in
from tests.fixtures.stored_sessions import (
    LIST,
    NOON,
    USAGE,
    estimate,
    listed,
    make_many,
    make_running,
    make_session,
    queries_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(client: Client, session: VoiceSession) -> str:
    """The page of a session."""
    response = client.get(f"{LIST}{session.pk}/change/")
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_shows_charged_minutes_tokens_and_the_estimated_cost(boss: Client, anna: User) -> None:
    session = make_session(anna)
    [row] = listed(boss)
    assert (row.pk, row.minutes, row.reported_tokens) == (session.pk, 10, 4000)
    html = boss.get(LIST).content.decode()
    assert estimate(10) in html and "Estimated cost" in html


def test_a_running_call_shows_the_reserved_minutes_and_no_cost(boss: Client, anna: User) -> None:
    make_running(anna)
    [row] = listed(boss)
    assert (row.minutes, row.estimated_cost, row.call_runs) == (30, None, True)


@pytest.mark.parametrize(
    ("fields", "runs"),
    [
        ({}, False),
        ({"call_id": "", "call_started_at": None, "hung_up_at": None}, False),
        ({"hung_up_at": None}, True),
        ({"transport": "secret", "call_id": "", "call_started_at": None, "hung_up_at": None}, None),
    ],
)
def test_a_call_runs_from_its_start_to_the_hang_up(anna: User, fields: dict[str, Any], runs: object) -> None:
    assert make_session(anna, **fields).call_runs is runs


def test_sessions_are_filtered_by_state_transport_and_day(boss: Client, anna: User) -> None:
    saved = make_session(anna)
    ended = make_session(anna, NOON - timedelta(days=1), state="ended")
    secret = make_session(anna, NOON - timedelta(days=2), transport="secret")
    assert listed(boss) == [saved, ended, secret]
    assert listed(boss, "?state__exact=ended") == [ended]
    assert listed(boss, "?transport__exact=secret") == [secret]
    assert listed(boss, "?created_at__year=2026&created_at__month=11&created_at__day=19") == [ended]


def test_sessions_are_found_by_the_name_and_address_of_their_user(
    boss: Client, anna: User, zoe: User
) -> None:
    mine, other = make_session(anna), make_session(zoe, NOON - timedelta(hours=1))
    for query in ("anna", anna.email, anna.email.split("@")[0].upper(), str(anna.pk)):
        assert listed(boss, f"?q={query}") == [mine]
    assert listed(boss, "?q=example.com") == [mine, other]
    assert listed(boss, "?q=nobody") == []


def test_sessions_are_sorted_by_minutes_and_by_estimated_cost(boss: Client, anna: User) -> None:
    for minutes in (5, 9, 7):
        make_session(anna, charged_minutes=minutes)
    for column in (4, 6):  # minutes, estimated cost
        assert [row.charged_minutes for row in listed(boss, f"?o={column}")] == [5, 7, 9]
        assert [row.charged_minutes for row in listed(boss, f"?o=-{column}")] == [9, 7, 5]


def test_the_pages_do_not_show_topics_options_and_events(boss: Client, anna: User) -> None:
    session = make_session(anna, topic="Canary topic", options={"instructions": "Canary instructions"})
    VoiceEvent.objects.create(session=session, event_id="event_canary", content={"text": "Canary words"})
    for html in (boss.get(LIST).content.decode(), page_of(boss, session), boss.get(USAGE).content.decode()):
        assert "canary" not in html.lower()
    assert boss.get("/admin/accounts/voiceevent/").status_code == 404


def test_staff_change_add_and_delete_no_session(boss: Client, anna: User) -> None:
    session = make_session(anna)
    html = page_of(boss, session)
    assert estimate(10) in html and 'name="_save"' not in html and "/delete/" not in html
    for path in ("add/", f"{session.pk}/delete/", f"{session.pk}/change/"):
        assert boss.post(f"{LIST}{path}", {"state": "open", "post": "yes"}).status_code == 403
    boss.post(LIST, {"action": "delete_selected", "_selected_action": [session.pk], "post": "yes"})
    assert VoiceSession.objects.get().state == "saved"


def test_the_pages_need_the_permission_to_view_voice_sessions(
    make_staff: Callable[..., User], anna: User
) -> None:
    session = make_session(anna)
    member = signed_in(make_staff("Sam", "view_voicesession"))
    other = signed_in(make_staff("Eve", "view_user", "change_voiceevent", "view_voiceevent"))
    for path in (LIST, f"{LIST}{session.pk}/change/", USAGE):
        assert member.get(path).status_code == 200
        assert other.get(path).status_code == 403
        assert Client().get(path)["Location"].startswith("/admin/login/")
    assert USAGE in member.get(LIST).content.decode()


@pytest.mark.slow
def test_the_list_costs_a_fixed_number_of_queries(boss: Client, anna: User, zoe: User) -> None:
    addresses = [LIST + query for query in ("", "?q=example", "?created_at__year=2026", "?o=6")]
    make_session(anna)
    make_session(zoe, NOON - timedelta(days=40))
    few = [queries_of(boss, address) for address in addresses]
    make_many(anna, zoe)
    assert [queries_of(boss, address) for address in addresses] == few
    assert max(few) <= 8
