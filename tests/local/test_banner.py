"""What ``runserver`` prints about other machines in the network."""

from typing import Any

import pytest

from linguaflex.local import banner


@pytest.mark.parametrize(
    ("address", "admits", "own", "line"),
    [
        ("0.0.0.0", True, "192.0.2.5", "http://192.0.2.5:8055/ in the same network"),
        ("0.0.0.0", True, None, "this machine has no network"),
        (
            *("0.0.0.0", False, "192.0.2.5"),
            "refused: start it as LINGUAFLEX_HOST=0.0.0.0 python manage.py runserver 8055",
        ),
        ("127.0.0.1", False, "192.0.2.5", None),
    ],
)
def test_the_address_for_a_phone_is_printed_if_it_works(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    admits: bool,
    own: str | None,
    line: str | None,
) -> None:
    settings.SUPABASE_STAND_IN, settings.IN_NETWORK = False, admits
    monkeypatch.setattr(banner, "network_address", lambda: own)
    lines = banner.text(address=address, port="8055").splitlines()
    printed = [each.split(maxsplit=1)[1] for each in lines if each.startswith("  Phone")]
    assert printed == [each for each in [line] if each]
