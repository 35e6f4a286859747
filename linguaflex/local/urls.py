"""URLs of the demo app. They exist only with the Supabase stand-in."""

from django.urls import path
from django.views.generic import RedirectView

from linguaflex.error_pages import read_only
from linguaflex.local import views
from linguaflex.response_headers import page

urlpatterns = [
    path("", read_only(page(views.app, views.content_security_policy, microphone=True)), name="demo"),
    path("chat/", read_only(RedirectView.as_view(url="/demo/#/chats"))),
    path("voice/", read_only(RedirectView.as_view(url="/demo/#/practice"))),
]
