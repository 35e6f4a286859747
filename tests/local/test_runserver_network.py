"""``manage.py runserver`` with LINGUAFLEX_HOST=0.0.0.0, as a phone in the same network uses it.

The requests go to this machine's own address in its network. They come from that address too, so that the
server takes them for another machine's.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from linguaflex.local import banner
from linguaflex.local.demo import staff
from tests.fixtures.browser import chromium, expect_text
from tests.fixtures.demo_app import Window
from tests.fixtures.processes import needs_proc
from tests.fixtures.sites import PATIENCE, FirstStart, Running

pytestmark = [pytest.mark.lifecycle, needs_proc]

CLAIMS = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}


@pytest.fixture(scope="module")
def own() -> str:
    """This machine's address in its network."""
    address = banner.network_address()
    if address is None or address.startswith("127."):
        pytest.skip("this machine has no address in a network")
    return address


@pytest.fixture(scope="module")
def opened(first_start: FirstStart, own: str) -> Iterator[Running]:
    """A running site that listens for the network."""
    running = first_start.site.copy().start(LINGUAFLEX_HOST="0.0.0.0")
    yield running
    running.interrupt()
    assert running.site.is_quiet()


@pytest.fixture(scope="module")
def phone(opened: Running, own: str) -> str:
    """The site's address for a phone."""
    return f"http://{own}:{opened.site.api_port}"


def test_the_banner_has_the_address_for_a_phone(opened: Running, phone: str) -> None:
    assert f"  Open       {opened.site.url}/\n  Phone      {phone}/ " in opened.printed


def test_a_phone_signs_in_with_the_address_and_key_of_the_configuration(
    opened: Running, phone: str, own: str
) -> None:
    config = requests.get(f"{phone}/accounts/supabase/config/", timeout=PATIENCE).json()
    assert config["url"] == f"http://{own}:{opened.site.supabase_port}"
    account = {"email": "ana@example.com", "password": "linguaflex-demo"}
    headers = {"apikey": config["publishable_key"], "Origin": phone}
    url = f"{config['url']}/auth/v1/token?grant_type=password"
    session = requests.post(url, json=account, headers=headers, timeout=PATIENCE).json()
    bearer = {"Authorization": f"Bearer {session['access_token']}"}
    me = requests.get(f"{phone}/accounts/users/me/", headers=bearer, timeout=PATIENCE)
    assert me.json()["email"] == "ana@example.com"


def test_a_phone_loads_the_pictures(opened: Running, phone: str, own: str) -> None:
    session = opened.sign_in("ana@example.com")
    bearer = {"Authorization": f"Bearer {session['access_token']}"}
    for site, host in ((phone, own), (opened.site.url, "127.0.0.1")):
        teachers = requests.get(f"{site}/accounts/teachers/", headers=bearer, timeout=PATIENCE).json()
        picture = teachers[0]["profile_picture"]
        assert picture.startswith(f"http://{host}:{opened.site.supabase_port}/storage/")
        assert requests.get(picture, timeout=PATIENCE).headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("http://192.168.7.20:5173", True),
        ("http://localhost:5173", True),
        ("http://203.0.113.9:5173", False),
        ("http://192.168.7.20.evil.example", False),
    ],
)
def test_pages_of_private_addresses_may_call_the_api(phone: str, origin: str, is_allowed: bool) -> None:
    answer = requests.get(f"{phone}/health/", headers={"Origin": origin}, timeout=PATIENCE)
    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is is_allowed


@pytest.mark.parametrize("host", ["evil.example", "1.2.3.4.evil.example", "10.0.0.256"])
def test_other_host_names_are_refused(phone: str, host: str) -> None:
    answer = requests.get(f"{phone}/accounts/supabase/config/", headers={"Host": host}, timeout=PATIENCE)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/demo-staff/"])
def test_a_phone_does_not_reach_the_admin(opened: Running, phone: str, path: str) -> None:
    for headers in ({}, CLAIMS, {"Host": f"127.0.0.1:{opened.site.api_port}"}):
        answer = requests.get(f"{phone}{path}", headers=headers, timeout=PATIENCE)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    near = requests.get(f"{opened.site.url}/admin/login/", timeout=PATIENCE)
    assert near.status_code == 200


def test_a_phone_does_not_read_the_mails(opened: Running, own: str) -> None:
    url = f"http://{own}:{opened.site.supabase_port}/outbox"
    for host in (None, "127.0.0.1"):
        assert requests.get(url, headers={"Host": host}, timeout=PATIENCE).status_code == 403
    assert requests.get(f"{opened.site.supabase_url}/outbox", timeout=PATIENCE).status_code == 200


def test_without_the_setting_nothing_listens_for_the_network(first_start: FirstStart, own: str) -> None:
    running = first_start.site.copy().start()
    for port in (running.site.api_port, running.site.supabase_port):
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://{own}:{port}/", timeout=PATIENCE)
    running.interrupt()
    assert staff.EMAIL in running.printed


def test_a_phone_uses_the_demo_app_without_this_machines_loopback_address(phone: str, own: str) -> None:
    """Over http, browsers withhold functions such as crypto.randomUUID from a page of another machine."""
    hosts: set[str | None] = set()
    with chromium() as browser:
        # Browsers ignore this header over http, and say so.
        window = Window(browser.new_page(), f"{phone}/demo/", expected=("Cross-Origin-Opener-Policy",))
        window.page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).hostname))
        window.page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        window.page.goto(f"{phone}/")
        assert window.page.evaluate("isSecureContext") is False
        window.page.get_by_role("link", name="Kenji Mori").click()
        expect_text(window.page, "h1", "Hello, Kenji")
        window.open("/review")
        problems = [problem for problem in window.problems if f"request to http://{own}:" not in problem]
    assert problems == []
    assert hosts == {own}
