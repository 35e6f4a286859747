"""The page of the demo app, its policy, and the addresses of earlier pages."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from linguaflex.local import demo


def test_the_page_has_the_demo_people_and_no_inline_script(client: Client) -> None:
    answer = client.get("/demo/")
    page = answer.content.decode()
    (site,) = re.findall(r'<script id="site" type="application/json">(.*?)</script>', page)
    people = json.loads(site)["people"]
    assert [person["email"] for person in people] == [user.email for user in demo.USERS]
    assert {person["role"] for person in people} == {"student", "teacher"}
    scripts = re.findall(r"<script(?![^>]*application/json)([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert scripts and all("src=" in attributes and not text for attributes, text in scripts)
    assert "<style" not in page and " style=" not in page and " onclick" not in page


def test_the_policy_admits_files_of_the_server_and_requests_to_supabase(
    client: Client, settings: Any
) -> None:
    answer = client.get("/demo/")
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    url = settings.SUPABASE_URL
    assert policy["connect-src"].split() == ["'self'", url, url.replace("http", "ws", 1)]
    assert not {"script-src", "style-src"} & policy.keys()  # the default holds
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "screen"), [("chat", "/demo/#/chats"), ("voice", "/demo/#/practice")])
def test_addresses_of_earlier_pages_lead_to_the_screens(client: Client, path: str, screen: str) -> None:
    answer = client.get(f"/demo/{path}/")
    assert (answer.status_code, answer["Location"]) == (302, screen)


@pytest.mark.parametrize("path", ["", "chat/", "voice/"])
def test_the_page_is_only_read(client: Client, path: str) -> None:
    answer = client.post(f"/demo/{path}")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"
