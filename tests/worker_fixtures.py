"""Background jobs that run while a test talks to a server."""

from collections.abc import Iterator

import pytest

PATIENCE = 30  # seconds for the job at hand


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """The worker that runs beside the development server."""
    from linguaflex.local.worker import WorkerThread

    thread = WorkerThread()
    thread.start()
    yield
    thread.stop()
    thread.join(PATIENCE)
