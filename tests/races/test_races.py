"""Races between requests, jobs and staff: no try breaks an invariant, deadlocks or fails.

    python -m pytest -n 0 -m slow -s tests/races --race-tries 10000

makes 10,000 tries of each race, and prints their number and that of the violations.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import hypothesis
import pytest
from django.urls import resolve

from tests.fixtures.person_matrix import MakePerson
from tests.fixtures.routes import ID, all_routes
from tests.races.actions import ACTIONS, REQUESTS, ROUTES_OF_OTHERS
from tests.races.harness import Tries, racers
from tests.races.kinds import EVERY_KIND, RACES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth", "bucket", "simulator", "calls"),
]
TRIES, THOROUGH_TRIES = 4, 24
MANY = 1_000  # tries in which each action is accepted once


@pytest.mark.parametrize("name", RACES)
def test_no_try_breaks_an_invariant(
    name: str,
    make_person: MakePerson,
    make_teacher: MakePerson,
    settings: Any,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.VOICE_SESSIONS_PER_HOUR, settings.VOICE_MINUTES_PER_DAY = 10_000, 100_000
    tries = Tries(name)
    with racers() as threads:
        tries.run(number_of_tries(pytestconfig), partial(RACES[name], make_person, make_teacher), threads)
    with capsys.disabled():
        print(f"\n{tries}")
    assert not tries.violations, "\n".join(tries.violations)
    if tries.count >= MANY:
        kinds = {*RACES[name].kinds, *RACES[name].always}
        assert kinds <= tries.accepted.keys(), "these actions are always refused"


def number_of_tries(config: pytest.Config) -> int:
    """Of each race: --race-tries, or more in stage ``generated`` of .ci/run than elsewhere."""
    thorough = hypothesis.settings.get_current_profile_name() == "thorough"
    given: int | None = config.getoption("--race-tries")
    return given or (THOROUGH_TRIES if thorough else TRIES)


def test_the_deletions_race_with_every_write_of_the_api() -> None:
    """A new route is missing here until ``actions.py`` has a request for it."""
    places = dict.fromkeys(("conversation", "comment", "card", "session", "gig", "notice"), 1)
    places |= dict.fromkeys(("message", "answer"), 1)
    ids = {**places, **dict.fromkeys(("chat", "learner", "teacher", "other"), ID)}
    covered = {
        f"{method} /{resolve(f'/accounts/{path}'.format_map(ids).partition('?')[0]).route}"
        for _, method, path, _ in REQUESTS.values()
    }
    writes = {str(route) for route in all_routes() if route.method != "get" and not route.is_open}
    assert writes - covered == set(ROUTES_OF_OTHERS)
    assert {name for name in ACTIONS if name not in EVERY_KIND} <= {"delete the account"}
