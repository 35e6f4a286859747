"""The root of the local default: a welcome page for browsers, and the JSON of production for programs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_protect

from linguaflex.local import demo
from linguaflex.local.demo import staff
from linguaflex.local.staff_access import is_on_this_machine
from linguaflex.policies import OWN, policy
from linguaflex.views import RootView

PAGE, JSON = "text/html", "application/json"
POLICY = policy(script_src=OWN, style_src=OWN, img_src=OWN, form_action=OWN)
# The styles of the demo app, then those of this page.
SHEETS = ("tokens", "base", "ui", "fields", "states", "sign_in")
STYLES = [*(f"demo/styles/{name}.css" for name in SHEETS), "local/welcome.css"]
GUIDES = [
    ("docs/README.md", "build a frontend: from zero to a chat"),
    ("docs/TOUR.md", "try the API with curl"),
    ("VOICE_CONVERSATION_API_DOCS.md", "voice conversations, and the conventions of all endpoints"),
    ("docs/LOCAL.md", "ports, data, mails, a phone as the client"),
    ("docs/SETTINGS.md", "every setting"),
    ("docs/ARCHITECTURE.md", "how the server is built"),
    ("CONTRIBUTING.md", "run the tests and change the code"),
]


class WelcomeView(RootView):
    """The page if the request prefers HTML to JSON, as browsers do."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        is_reading = request.method in ("GET", "HEAD")
        is_page = is_reading and request.get_preferred_type([JSON, PAGE]) == PAGE
        response = page(request) if is_page else super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept"])
        return response


@csrf_protect  # it sets the cookie of the form; the middleware does so for the admin's pages only
def page(request: HttpRequest) -> HttpResponse:
    response = TemplateResponse(request, "local/welcome.html", context(request))
    response["Content-Security-Policy"] = POLICY
    return response


def context(request: HttpRequest) -> dict[str, Any]:
    """The demo people. A browser on this machine also gets the member of staff and the mails."""
    people, is_near = demo.people(), is_on_this_machine(request)
    return {
        "styles": STYLES,
        "guides": GUIDES,
        "learners": [person for person in people if not person.teaching],
        "teachers": [person for person in people if person.teaching],
        "staff": staff if is_near and staff.exists() else None,
        "is_near": is_near,
        "outbox": f"{settings.SUPABASE_URL}/outbox",
    }
