"""The OpenAI simulator, serving while tests run."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from accounts.integrations import openai
from linguaflex.local import openai_simulator
from linguaflex.local.serving import Served


@pytest.fixture(scope="session")
def served_simulator() -> Iterator[Served]:
    """The simulator of this process."""
    served = openai_simulator.simulator()
    served.start(settings.OPENAI_SOCKET)
    yield served
    client = openai._client_of(os.getpid(), settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL)
    client.close()
    served.stop()


@pytest.fixture
def simulator(served_simulator: Served) -> Iterator[Any]:
    """The simulator's state: ``faults`` to come, ``secrets`` given out; well again after the test."""
    yield served_simulator.app.state
    served_simulator.app.state.faults.clear()
