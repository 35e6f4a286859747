"""Tests of races and crashes commit rows and empty the tables afterwards, so they are marked ``slow``."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before pytest selects by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("django_db")
        if item.path.is_relative_to(FOLDER) and marker and marker.kwargs.get("transaction"):
            item.add_marker(pytest.mark.slow)
