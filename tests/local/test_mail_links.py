"""LINGUAFLEX_SITE_URL: where links in mails of the Supabase stand-in lead."""

from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from linguaflex.local import services
from standins.supabase import server
from tests.fixtures.environments import Load

pytestmark = pytest.mark.django_db(transaction=True)

SITE = "http://learn.test:5173"


@pytest.fixture
def stand_in(demo_url: str, settings: Any) -> Any:
    """The address of a stand-in with this setting."""
    settings.LINGUAFLEX_SITE_URL = SITE
    served = services.stand_in(print_mails=False)
    with closing(server.bind(0)) as sock:
        served.start(sock)
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        served.stop()


def test_a_mail_leads_to_the_site(stand_in: str, settings: Any) -> None:
    headers = {"apikey": settings.SUPABASE_PUBLISHABLE_KEY}
    for asked, leads in [
        ("", SITE),
        (f"{SITE}/new-password", f"{SITE}/new-password"),
        ("http://evil.test", SITE),
    ]:
        url = f"{stand_in}/auth/v1/recover?redirect_to={asked}"
        sent = requests.post(url, json={"email": "ana@example.com"}, headers=headers, timeout=10)
        assert sent.status_code == 200
        link = requests.get(f"{stand_in}/outbox.json", timeout=10).json()[0]["link"]
        assert parse_qs(urlsplit(link).query)["redirect_to"] == [leads]


def test_the_site_is_on_port_3000_unless_a_variable_names_another(load: Load) -> None:
    assert load()["LINGUAFLEX_SITE_URL"] == "http://127.0.0.1:3000"
    assert (
        load(LINGUAFLEX_SITE_URL="http://localhost:5173/")["LINGUAFLEX_SITE_URL"] == "http://localhost:5173"
    )
