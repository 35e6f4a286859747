"""Cache-Control, Vary, Content-Security-Policy and their like, on each kind of response."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from linguaflex import policies
from linguaflex.local import demo, views, welcome
from linguaflex.response_headers import POLICY, REVALIDATED
from tests.fixtures.person_matrix import Line, MakePerson, Sender, lines
from tests.fixtures.routes import Route, all_routes

pytestmark = pytest.mark.django_db

ORIGIN = "http://localhost:5173"
HTML = {"Accept": "text/html, */*;q=0.8", "Origin": ORIGIN}
NO_STORE, CACHED = "no-store", "public, max-age=60"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OPEN_READS = {
    "GET /accounts/gigs/",
    "GET /accounts/gigs/{gig}/",
    "GET /accounts/teachers/",
    "GET /accounts/teachers/{owner}/",
}
# Path -> Cache-Control, policy, and the names in Vary beside Origin.
PAGES = {
    "/": (NO_STORE, welcome.POLICY, {"accept"}),
    "/docs/": (REVALIDATED, policies.SWAGGER_UI, set()),
    "/docs/?script=": (REVALIDATED, policies.SWAGGER_UI, set()),
    "/redoc/": (REVALIDATED, policies.REDOC, set()),
    "/schema/": (REVALIDATED, policies.API, {"accept"}),
    "/demo/": (REVALIDATED, "demo", set()),
    "/demo/voice/": (NO_STORE, policies.API, set()),
    "/favicon.ico": (NO_STORE, policies.API, set()),
    "/static/accounts/icon.svg": ("max-age=60, public", policies.API, set()),
    "/unknown/": (NO_STORE, policies.API, set()),
    "/admin": (NO_STORE, policies.API, set()),
    "/admin/": ("max-age=0, no-cache, no-store, must-revalidate, private", policies.ADMIN, {"cookie"}),
    "/admin/login/": ("max-age=0, no-cache, no-store, must-revalidate, private", policies.ADMIN, {"cookie"}),
}


def varies(response: Any) -> list[str]:
    """The names in the only Vary of a response, in lower case."""
    return [name.strip().lower() for name in response.get("Vary", "").split(",")]


@pytest.mark.parametrize("path", PAGES)
def test_each_page_has_the_headers_of_the_table(path: str, client: Client) -> None:
    response, (cache, policy, names) = client.get(path, headers=HTML), PAGES[path]
    found = response["Cache-Control"], response[POLICY], sorted(varies(response))
    policy = views.content_security_policy() if policy == "demo" else policy
    response.close()
    assert found == (cache, policy, sorted({"origin", *names}))
    assert {name: response.get(name) for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize(
    ("policy", "scripts", "forms"),
    [
        (policies.ADMIN, "'self' 'unsafe-eval'", "'self'"),
        (policies.REDOC, "'self'", "'none'"),
        (policies.SWAGGER_UI, "'self'", "'none'"),
    ],
)
def test_pages_run_and_show_files_of_their_site_only(policy: str, scripts: str, forms: str) -> None:
    found = dict(each.split(" ", 1) for each in policy.split("; "))
    closed = {found[name] for name in ("default-src", "base-uri", "frame-ancestors")}
    assert (closed, found["script-src"], found["form-action"]) == ({"'none'"}, scripts, forms)
    assert (found["img-src"], found["connect-src"]) == ("'self' data:", "'self'")


@pytest.mark.parametrize(("path", "microphone"), [("/docs/", ""), ("/redoc/", ""), ("/demo/", "self")])
def test_only_the_demo_app_may_use_the_microphone(path: str, microphone: str, client: Client) -> None:
    permissions = client.get(path, headers=HTML)["Permissions-Policy"]
    assert permissions == f"camera=(), geolocation=(), microphone=({microphone})"


@pytest.mark.parametrize("path", ["/accounts/users/me/", "/admin/", "/docs/"])
def test_preflights_and_refused_hosts_have_a_policy_and_are_not_stored(path: str, client: Client) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    preflight = client.options(path, headers=asked)
    assert (preflight.status_code, preflight["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    refused = client.get(path, headers={"Host": "evil.example"})
    assert refused.status_code == 400
    for response in (preflight, refused):
        policy = policies.ADMIN if path == "/admin/" else policies.API
        assert (response["Cache-Control"], response[POLICY]) == (NO_STORE, policy)


@pytest.mark.parametrize(("debug", "has_policy"), [(True, False), (False, True)])
def test_only_pages_for_debugging_have_no_policy(
    debug: bool, has_policy: bool, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(demo, "people", fail)
    settings.DEBUG, client.raise_request_exception = debug, False
    response = client.get("/", headers=HTML)
    assert (response.status_code, POLICY in response) == (500, has_policy)
    assert POLICY in client.get("/docs/", headers=HTML)


@pytest.mark.slow
@pytest.mark.usefixtures("simulator", "bucket")
@pytest.mark.parametrize("person", ["nobody", "visitor", "owner"])
def test_each_route_of_the_api_has_the_headers_of_its_kind(
    person: str, make_person: MakePerson, make_teacher: MakePerson, settings: Any, capsys: Any
) -> None:
    settings.PUBLIC_MARKETPLACE = person == "visitor"
    sender, routes = Sender(person, make_person, make_teacher), {str(route): route for route in all_routes()}
    faults, stored = list[str](), set[str]()
    for line in lines():
        response = sender.send(line)
        if response["Cache-Control"] == CACHED:
            stored.add(str(line))
        faults += faults_of(response, line, routes[line.route or ""])
    assert not faults, "\n".join(faults)
    assert stored == (OPEN_READS if person == "visitor" else set())
    with capsys.disabled():
        print(f"\n{person}: {len(lines())} responses x {len(ALWAYS) + 3} headers, {len(stored)} for caches")


def faults_of(response: Any, line: Line, route: Route) -> list[str]:
    """What is wrong with the headers of a response."""
    reads_token = not route.is_open or route.pattern == "/metrics/"
    names = {"origin"} | ({"authorization"} if reads_token else set())
    names |= {"prefer"} if response["Cache-Control"] == CACHED else set()
    names |= {"accept"} if route.pattern == "/" else set()
    found = {name: response.get(name) for name in ALWAYS}
    problems = {
        "Vary": sorted(varies(response)) != sorted(names),
        "Cache-Control": response["Cache-Control"] not in (NO_STORE, CACHED),
        POLICY: response[POLICY] != policies.API,
        "others": found != ALWAYS,
    }
    return [f"{line}: {name}: {dict(response.items())}" for name, is_wrong in problems.items() if is_wrong]
