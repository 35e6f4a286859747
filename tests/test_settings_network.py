"""The settings of a local site that admits other machines (LINGUAFLEX_HOST)."""

import re

import pytest

from tests.fixtures.environments import HOSTED, Load


def test_a_network_is_admitted_only_locally_and_by_addresses_alone(load: Load) -> None:
    settings = load(LINGUAFLEX_HOST="0.0.0.0")
    assert ".17" in settings["ALLOWED_HOSTS"] and "*" not in settings["ALLOWED_HOSTS"]
    assert "linguaflex.local.network.AddressMiddleware" in settings["MIDDLEWARE"]
    production = load(**HOSTED, LINGUAFLEX_HOST="0.0.0.0")
    assert production["ALLOWED_HOSTS"] == []
    for name in ("MIDDLEWARE", "CORS_ALLOWED_ORIGINS"):
        assert production[name] == load(**HOSTED)[name]


@pytest.mark.parametrize(
    ("address", "is_private"),
    [
        *((address, True) for address in ("10.1.2.3", "127.0.0.2", "169.254.9.9", "192.168.1.20:5173")),
        *((address, True) for address in ("172.16.0.1", "172.31.255.1:3000", "172.20.0.9")),
        *((address, False) for address in ("8.8.8.8", "203.0.113.9:3000", "11.0.0.1", "110.1.2.3")),
        *((address, False) for address in ("172.15.0.1", "172.32.0.1", "192.169.1.1", "169.253.1.1")),
        *((address, False) for address in ("10.1.2.3.example.com", "example.com", "10.evil.example")),
    ],
)
def test_of_a_network_only_pages_of_private_addresses_may_call(
    load: Load, address: str, is_private: bool
) -> None:
    patterns = load(LINGUAFLEX_HOST="0.0.0.0")["CORS_ALLOWED_ORIGIN_REGEXES"]
    for origin in (f"http://{address}", f"https://{address}"):
        assert any(re.match(pattern, origin) for pattern in patterns) is is_private
        assert not any(re.match(pattern, origin) for pattern in load()["CORS_ALLOWED_ORIGIN_REGEXES"])


def test_other_machines_never_reach_the_admin_of_an_open_site(load: Load) -> None:
    ours, plain = "linguaflex.local.staff_access.SessionMiddleware", "linguaflex.middleware.SessionMiddleware"
    hosted = HOSTED | {"LINGUAFLEX_ENV": "local"}
    cases = [({}, ours), (hosted, plain), (hosted | {"LINGUAFLEX_HOST": "0.0.0.0"}, ours), (HOSTED, plain)]
    for variables, middleware in cases:
        assert middleware in load(**variables)["MIDDLEWARE"]
