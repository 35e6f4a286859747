"""The file that names the ports of the running stand-ins."""

import json
from pathlib import Path

import pytest

from linguaflex.local import ports
from standins import locks

PORTS = {"LINGUAFLEX_SUPABASE_PORT": 54331}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a ``runserver`` that has ended."""
    path = tmp_path / ports.FILE_NAME
    path.write_text(json.dumps(PORTS))
    return path


def test_two_commands_that_start_at_once_ignore_the_ports_of_an_ended_server(file: Path) -> None:
    with locks.opened(file) as other:
        assert not locks.is_exclusive(other)  # another command is reading
        assert ports.running(file.parent) == {}


def test_commands_use_the_ports_of_a_running_server(file: Path) -> None:
    with locks.exclusive(file):
        assert ports.running(file.parent) == PORTS
    assert ports.running(file.parent) == {}
