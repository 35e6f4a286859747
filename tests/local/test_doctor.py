"""The doctor on the command line: on a running site, and behind real poolers."""

import pytest

from tests.fixtures.processes import needs_proc
from tests.fixtures.sites import Running, Site

pytestmark = [pytest.mark.lifecycle, needs_proc]


def test_a_running_site_is_sound(running_site: Running) -> None:
    done = running_site.site.run("doctor")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.endswith(": 0 errors, 0 warnings.\n")


def test_a_stopped_site_is_sound_and_stays_stopped(stopped_site: Site) -> None:
    done = stopped_site.run("doctor")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert stopped_site.is_quiet()
