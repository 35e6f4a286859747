"""Links from a person's page to the lists of what belongs to the person."""

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from accounts.admin.links import list_address
from accounts.admin.site import site
from accounts.models import Gig, Teacher, User


def links(request: HttpRequest, user: User) -> list[tuple[str, str]]:
    """The titles and paths of the pages that the member of staff may view.

    Every list that finds its rows by person (``people`` of its admin) is among them.
    """
    found = [("Bans and changes", reverse("admin:accounts_user_history", args=(user.pk,)))]
    if user.role == User.Role.TEACHER and may_view(request, Teacher):
        found.append(("Teaching profile", reverse("admin:accounts_teacher_change", args=(user.pk,))))
        if may_view(request, Gig):
            found.append(("Gigs", f"{reverse('admin:accounts_gig_changelist')}?teacher__pk={user.pk}"))
    lists = [page for page in site._registry.values() if getattr(page, "people", ())]
    found += sorted(link(page, user) for page in lists if page.has_view_permission(request))
    return found


def may_view(request: HttpRequest, model: type[Teacher] | type[Gig]) -> bool:
    """Whether the member of staff may view the pages of the model."""
    return bool(site.get_model_admin(model).has_view_permission(request))


def link(page: "ModelAdmin[User]", user: User) -> tuple[str, str]:
    """The title of a list, and the path with the search for the person."""
    return capfirst(str(page.opts.verbose_name_plural)), f"{list_address(page)}?q={user.pk}"
