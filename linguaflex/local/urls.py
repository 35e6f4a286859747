"""URLs of the demo pages. They exist only with the Supabase stand-in."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import path
from django.views.generic import TemplateView

from linguaflex.error_pages import read_only
from linguaflex.local import demo


def is_simulated() -> bool:
    """Whether a simulator on this machine answers the OpenAI calls."""
    return urlsplit(settings.OPENAI_BASE_URL).hostname in ("127.0.0.1", "localhost")


chat = TemplateView.as_view(
    template_name="local/demo_chat.html",
    extra_context={
        "title": "Demo chat",
        "account_label": "User",
        "accounts": demo.USERS,
        "password": demo.PASSWORD,
    },
)
voice = TemplateView.as_view(
    template_name="local/demo_voice.html",
    extra_context={
        "title": "Voice practice",
        "account_label": "Learner",
        "accounts": demo.LEARNERS,
        "password": demo.PASSWORD,
        "simulated": is_simulated,
    },
)

urlpatterns = [
    path("chat/", read_only(chat), name="demo-chat"),
    path("voice/", read_only(voice), name="demo-voice"),
]
