"""URLs of the demo app and pages. They exist only with the Supabase stand-in."""

from django.urls import path
from django.views.generic import TemplateView

from linguaflex.error_pages import read_only
from linguaflex.local import demo, views

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
        "simulated": views.is_simulated,
    },
)

urlpatterns = [
    path("", read_only(views.app), name="demo"),
    path("chat/", read_only(chat), name="demo-chat"),
    path("voice/", read_only(voice), name="demo-voice"),
]
