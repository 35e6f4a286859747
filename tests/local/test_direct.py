"""Requests to the stand-ins, in an environment whose requests go through a proxy."""

from urllib.request import getproxies, proxy_bypass

import pytest

from tests.fixtures.environments import HOSTED, Load
from tests.fixtures.processes import needs_proc
from tests.fixtures.sites import Site

PROXY = "http://proxy.example:3128"
NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_stand_ins_are_requested_without_the_proxy(load: Load, variable: str) -> None:
    load(**{variable: PROXY})
    assert proxy_bypass("127.0.0.1")
    assert not proxy_bypass("api.openai.com")
    assert PROXY in getproxies().values()


@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
def test_other_hosts_without_a_proxy_stay_so(load: Load, variable: str) -> None:
    load(http_proxy=PROXY, **{variable: "intranet.example, .test"})
    assert getproxies()["no"] == "intranet.example, .test,127.0.0.1"


@pytest.mark.parametrize("names", ["*", "localhost, 127.0.0.1"])
def test_an_environment_that_names_this_machine_is_unchanged(load: Load, names: str) -> None:
    load(http_proxy=PROXY, no_proxy=names)
    assert getproxies()["no"] == names


def test_an_environment_without_a_proxy_is_unchanged(load: Load) -> None:
    load(no_proxy="intranet.example")
    assert getproxies() == {"no": "intranet.example"}


def test_production_decides_itself_what_needs_a_proxy(load: Load) -> None:
    load(**HOSTED, http_proxy=PROXY)
    assert "no" not in getproxies()


@needs_proc
@pytest.mark.lifecycle
def test_the_local_system_works_with_a_proxy_that_does_not_answer(stopped_site: Site) -> None:
    running = stopped_site.start(http_proxy=NOWHERE, https_proxy=NOWHERE)
    try:
        session = running.sign_in("ana@example.com")
        assert running.get("users/me/", session)["email"] == "ana@example.com"
    finally:
        running.interrupt()
