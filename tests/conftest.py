"""Fixtures of the product's tests, slow folders, generated examples per test, and garbage collection."""

import gc
from pathlib import Path

import hypothesis
import pytest

pytest_plugins = [
    "standins.tests.fixtures.auth",
    "standins.tests.fixtures.realtime",
    "tests.fixtures.supabase",
    "tests.fixtures.demo",
    "tests.fixtures.demo_app",
    "tests.fixtures.environments",
    "tests.fixtures.people",
    "tests.fixtures.chats",
    "tests.fixtures.pictures",
    "tests.fixtures.logs",
    "tests.fixtures.migrations",
    "tests.fixtures.openai",
    "tests.fixtures.own_postgres",
    "tests.fixtures.shared",
    "tests.fixtures.staff",
    "tests.fixtures.staff_groups",
    "tests.fixtures.statements",
    "tests.fixtures.stored_sessions",
    "tests.fixtures.voice_page",
    "tests.fixtures.worker",
    "tests.fixtures.worker_processes",
    "tests.fixtures.sites",
    "tests.fixtures.fuzzed_site",
    "tests.fixtures.deployment",
    "tests.fixtures.doctor",
]

FOLDER = Path(__file__).parent

# .ci/run selects "thorough" with --hypothesis-profile.
# Both have the same examples in each run; --hypothesis-profile=random searches for others.
hypothesis.settings.register_profile("plain", max_examples=50, derandomize=True)
hypothesis.settings.register_profile("thorough", max_examples=1_000, derandomize=True)
hypothesis.settings.register_profile("random", max_examples=1_000)
hypothesis.settings.load_profile("plain")

# Python's own thresholds search the heap so often that it takes a fifth of the suite's time.
gc.set_threshold(50_000, 50, 1_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    """With --record-examples, tests/test_openapi_examples.py writes the examples of the OpenAPI document.

    --race-tries is the number of tries of each race of tests/races.
    """
    parser.addoption("--record-examples", action="store_true")
    parser.addoption("--race-tries", type=int)


@pytest.hookimpl(tryfirst=True)  # before pytest selects by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests as ``slow``: of browsers, of the admin's pages, which take long to render, and of races and
    crashes of services, which commit rows and empty the tables afterwards.
    """
    for item in items:
        folder, database = item.path.parent, item.get_closest_marker("django_db")
        is_race = folder == FOLDER / "services" and database and database.kwargs.get("transaction")
        if folder in (FOLDER / "admin", FOLDER / "browser") or is_race:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Exempts all modules and tests from garbage collection."""
    gc.collect()
    gc.freeze()
