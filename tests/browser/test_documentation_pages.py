"""Swagger UI and ReDoc in a real browser."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fixtures.browser import browser_page, screenshot

pytestmark = pytest.mark.django_db(transaction=True)

ICON = "/static/accounts/icon.svg"


@pytest.mark.parametrize("path", ["/docs/", "/redoc/"])
def test_the_documentation_is_rendered_without_requests_to_other_sites(live_server: Any, path: str) -> None:
    asked: list[str] = []  # also what a policy has blocked
    errors: list[str] = []
    with browser_page("about:blank") as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{live_server.url}{path}")
        page.get_by_text("/voice-conversations/summary/").first.wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        screenshot(page, path.strip("/"))
        icon = page.locator("link[rel=icon]").get_attribute("href")
    assert f"{live_server.url}/schema/" in asked
    sites = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))}
    assert sites == {urlsplit(live_server.url).netloc}
    assert errors == []
    assert icon == ICON
