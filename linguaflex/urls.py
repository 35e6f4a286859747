"""Addresses of the project: the API under /accounts/, the admin, documentation, health."""

from django.conf import settings
from django.urls import include, path
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerView,
)

from accounts.admin.site import site
from accounts.rest.client_address import read_only
from accounts.views.open import HealthView, ReadyView, RootView

urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("accounts/", include("accounts.urls")),
    path("admin/", site.urls),
    path("health/", HealthView.as_view(), name="health"),
    path("ready/", ReadyView.as_view(), name="ready"),
    path("schema/", read_only(SpectacularAPIView.as_view()), name="schema"),
    path("docs/", read_only(SpectacularSwaggerView.as_view(url_name="schema")), name="docs"),
    path("redoc/", read_only(SpectacularRedocView.as_view(url_name="schema")), name="redoc"),
]
if settings.SUPABASE_STAND_IN:
    urlpatterns.append(path("demo/", include("linguaflex.local.urls")))

handler400 = "accounts.rest.client_address.bad_request"
handler403 = "accounts.rest.client_address.forbidden"
handler404 = "accounts.rest.client_address.not_found"
handler500 = "accounts.rest.client_address.server_error"
