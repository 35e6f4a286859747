"""URLs of the demo app and pages. They exist only with the Supabase stand-in."""

from django.urls import path
from django.views.generic import RedirectView, TemplateView

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
urlpatterns = [
    path("", read_only(views.app), name="demo"),
    path("chat/", read_only(chat), name="demo-chat"),
    path("voice/", read_only(RedirectView.as_view(url="/demo/#/practice"))),
]
