"""Fixtures of the stand-ins' tests, which run on the project's test database."""

pytest_plugins = [
    "standins.tests.fixtures.auth",
    "standins.tests.fixtures.consoles",
    "standins.tests.fixtures.realtime",
    "standins.tests.fixtures.storage",
    "standins.tests.fixtures.tutor",
    "standins.tests.fixtures.callers",  # after the fixtures that it imports
    "tests.fixtures.supabase",
    "tests.fixtures.logs",
    "tests.fixtures.openai",
]
