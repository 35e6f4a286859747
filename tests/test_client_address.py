"""The client's address: how its spellings are read, and the network that its requests are counted by."""

from typing import Any

import pytest
from django.test import RequestFactory

from accounts.rest.client_address import network, proxied_ip

IPV6 = "2001:db8:1:2:3:4:5:6"


def request(hops: str | None = None, peer: str = "198.51.100.7") -> Any:
    headers = {} if hops is None else {"HTTP_X_FORWARDED_FOR": hops}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers)


@pytest.mark.parametrize(
    ("hop", "ip", "counted"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9", "203.0.113.9"),
        ("::FFFF:cb00:7109", "203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:80", "203.0.113.9", "203.0.113.9"),
        (IPV6, IPV6, "2001:db8:1:2::/64"),
        (f"[{IPV6}]", IPV6, "2001:db8:1:2::/64"),
        (f"[{IPV6}]:443", IPV6, "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ],
)
def test_spellings_of_an_address_are_the_same_client(settings: Any, hop: str, ip: str, counted: str) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    assert (proxied_ip(request(hop)), network(request(hop))) == (ip, counted)
    settings.TRUSTED_PROXY_COUNT = 0
    assert (proxied_ip(request(peer=hop)), network(request(peer=hop))) == (None, counted)


GARBAGE = [
    *(
        "",
        " ",
        "unknown",
        "localhost",
        "é",
        "a b",
        "\x00",
        "1.2.3",
        "1.2.3.4.5",
        "203.0.113.009",
        "256.1.1.1",
    ),
    *(
        "1.2.3.4:",
        "1.2.3.4:x",
        "1.2.3.4:１",
        "1.2.3.4:5:6",
        ":80",
        "[1.2.3.4]:x",
        "[]",
        "[",
        "[]:80",
        "[::1",
        "::1]",
    ),
    *(
        "fe80::1%eth0",
        "fe80::1%é",
        "[fe80::1%1]:80",
        "::1/64",
        "2001:db8::1::2",
        "1:2:3:4:5:6:7:8:9",
        "-1",
        "١.٢.٣.٤",
    ),
]


@pytest.mark.parametrize("hop", GARBAGE)
def test_other_texts_are_not_forwarded_and_counted_by_the_peer(settings: Any, hop: str) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    assert (proxied_ip(request(hop)), network(request(hop))) == (None, "198.51.100.7")
    assert network(request(hop, peer=hop)) == "unknown"


@pytest.mark.parametrize(
    ("count", "ip", "counted"),
    [
        (0, None, "198.51.100.7"),
        (1, "203.0.113.2", "203.0.113.2"),
        (2, "203.0.113.1", "203.0.113.1"),
        (3, None, "198.51.100.7"),
    ],
)
def test_only_entries_of_trusted_proxies_are_believed(
    settings: Any, count: int, ip: str | None, counted: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = count
    hops = request("203.0.113.1, 203.0.113.2")
    assert (proxied_ip(hops), network(hops)) == (ip, counted)


def test_client_without_an_address_is_unknown(settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    assert (proxied_ip(request()), network(request())) == (None, "198.51.100.7")
    assert network(request(peer="")) == "unknown"  # the proxy connects through a Unix socket
