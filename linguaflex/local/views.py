"""The page of the demo app."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linguaflex import policies
from linguaflex.local import demo

SHEETS = ("tokens", "base", "shell", "ui", "fields", "states", "sign_in")
STYLES = [f"demo/styles/{name}.css" for name in SHEETS]
# The modules of the first screen: the browser requests them together, not one level of imports after another.
UI = ("index", "basics", "dialog", "forms", "icons", "screen", "states", "toast")
MODULES = [
    f"demo/{name}.js"
    for name in (
        *("api", "client", "hooks", "live", "router", "session", "shell", "sign_in", "store", "words"),
        *("screens/index", "screens/home", "chat/unread", "vendor/preact", "vendor/supabase"),
        *(f"ui/{part}" for part in UI),
    )
]


def app(request: HttpRequest) -> HttpResponse:
    """The app's only page. Its screens are in the fragment of the address, such as ``#/history``."""
    context = {"site": site(), "styles": STYLES, "modules": MODULES}
    return render(request, "local/app.html", context)


def site() -> dict[str, Any]:
    """What the app takes from the server's page: the demo people, and whether a simulator is the tutor."""
    people = [
        {"email": user.email, "name": user.name, "about": user.about, "role": role_of(user)}
        for user in demo.USERS
    ]
    return {"people": people, "password": demo.PASSWORD, "simulated": is_simulated()}


def role_of(user: demo.DemoUser) -> str:
    return "teacher" if user.teaching else "student"


def is_simulated() -> bool:
    """Whether a simulator on this machine answers the OpenAI calls."""
    return urlsplit(settings.OPENAI_BASE_URL).hostname in ("127.0.0.1", "localhost")


def content_security_policy() -> str:
    """Only files of this server run. Requests go to this server and to Supabase, as do pictures."""
    supabase = settings.SUPABASE_URL
    return policies.policy(
        default_src="'self'",
        connect_src=f"'self' {supabase} {supabase.replace('http', 'ws', 1)}",
        img_src=f"'self' data: {supabase}",
        form_action="'self'",
        object_src="'none'",
    )
