"""The URLs of the project: API, admin, documentation, health, and the demo pages of the local default."""

from django.conf import settings
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from accounts.admin.site import site
from linguaflex import policies
from linguaflex.error_pages import read_only
from linguaflex.operations.views import MetricsView
from linguaflex.response_headers import page, public
from linguaflex.views import HealthView, ReadyView, RootView, SchemaView, WorkerHealthView

swagger_ui = SpectacularSwaggerSplitView.as_view(url_name="schema")
redoc = SpectacularRedocView.as_view(url_name="schema")

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("", RootView.as_view(), name="root"),
    path("favicon.ico", read_only(RedirectView.as_view(url=static("accounts/icon.svg")))),
    path("admin", read_only(RedirectView.as_view(pattern_name="admin:index"))),
    path("admin/", site.urls),
    path("health/", HealthView.as_view(), name="health"),
    path("health/worker/", WorkerHealthView.as_view(), name="health-worker"),
    path("metrics/", MetricsView.as_view(), name="metrics"),
    path("ready/", ReadyView.as_view(), name="ready"),
    path("schema/", read_only(public(SchemaView.as_view())), name="schema"),
    path("docs/", read_only(page(swagger_ui, policies.SWAGGER_UI)), name="docs"),
    path("redoc/", read_only(page(redoc, policies.REDOC)), name="redoc"),
]
if settings.SUPABASE_STAND_IN:
    from linguaflex.local.staff_access import sign_in
    from linguaflex.local.welcome import WelcomeView

    urlpatterns = [
        path("", WelcomeView.as_view(), name="root"),
        path("admin/demo-staff/", sign_in, name="demo-staff"),
        path("demo/", include("linguaflex.local.urls")),
        *urlpatterns,
    ]

handler400 = "linguaflex.error_pages.bad_request"
handler403 = "linguaflex.error_pages.forbidden"
handler404 = "linguaflex.error_pages.not_found"
handler500 = "linguaflex.error_pages.server_error"
