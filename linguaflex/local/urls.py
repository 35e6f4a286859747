"""URLs of the demo pages, in the local environment only."""

from django.urls import path
from django.views.generic import TemplateView

from linguaflex.error_pages import read_only
from linguaflex.local import demo

chat = TemplateView.as_view(
    template_name="local/demo_chat.html",
    extra_context={
        "title": "Demo chat",
        "who": "Person",
        "people": demo.PEOPLE,
        "password": demo.PASSWORD,
    },
)
voice = TemplateView.as_view(
    template_name="local/demo_voice.html",
    extra_context={
        "title": "Voice practice",
        "who": "Learner",
        "people": demo.LEARNERS,
        "password": demo.PASSWORD,
    },
)

urlpatterns = [
    path("chat/", read_only(chat), name="demo-chat"),
    path("voice/", read_only(voice), name="demo-voice"),
]
