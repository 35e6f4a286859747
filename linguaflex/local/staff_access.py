"""The admin of the local default: for clients on this machine only, with a button that signs in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.admin.site import site
from accounts.rest import client_address
from linguaflex import middleware
from linguaflex.json_errors import error
from linguaflex.local.demo import staff


def is_on_this_machine(request: HttpRequest) -> bool:
    """Whether the connection comes from a loopback address. No header of the request is read."""
    peer = client_address.parsed(request.META.get("REMOTE_ADDR", ""))
    return peer is not None and peer.is_loopback


class SessionMiddleware(middleware.SessionMiddleware):
    """Refuses other machines the admin, because everybody in the network could try its passwords."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        if not is_on_this_machine(request):
            return error(403, "The admin answers on the machine that runs it only.", "permission_denied")
        super().process_request(request)
        return None


def sign_in(request: HttpRequest) -> HttpResponse:
    """Sends the login form with the address and password of the demo member of staff.

    The login page decides as for everybody: a ban, a second factor and lost rights count. It is also the
    response to a GET. Raises Http404 if there is no demo member of staff.
    """
    if request.method != "POST":
        return redirect("admin:login")
    if not staff.exists():
        raise Http404
    fields = request.POST.copy()
    fields["username"], fields["password"] = staff.EMAIL, staff.password()
    fields["next"] = reverse("admin:index")
    request.POST = fields  # type: ignore[assignment]
    return site.login(request)
