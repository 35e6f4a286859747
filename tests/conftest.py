"""Fixtures of the product's tests, the number of generated examples per test, and garbage collection."""

import gc

import hypothesis

pytest_plugins = [
    "standins.tests.fixtures.auth",
    "standins.tests.fixtures.realtime",
    "tests.fixtures.supabase",
    "tests.fixtures.demo",
    "tests.fixtures.environments",
    "tests.fixtures.people",
    "tests.fixtures.pictures",
    "tests.fixtures.logs",
    "tests.fixtures.migrations",
    "tests.fixtures.openai",
    "tests.fixtures.shared",
    "tests.fixtures.staff",
    "tests.fixtures.stored_sessions",
    "tests.fixtures.voice_page",
    "tests.fixtures.worker",
    "tests.fixtures.worker_processes",
    "tests.fixtures.sites",
    "tests.fixtures.deployment",
]

# .ci/run selects "thorough" with --hypothesis-profile.
hypothesis.settings.register_profile("plain", max_examples=50)
hypothesis.settings.register_profile("thorough", max_examples=1_000)
hypothesis.settings.load_profile("plain")

# Python's own thresholds search the heap so often that it takes a fifth of the suite's time.
gc.set_threshold(50_000, 50, 1_000)


def pytest_collection_finish() -> None:
    """Exempts all modules and tests from garbage collection."""
    gc.collect()
    gc.freeze()
