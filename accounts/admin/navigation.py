"""The navigation of the admin: links in groups. Each member of staff sees those that they may open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from accounts.admin.links import list_address
from accounts.admin.site import site

# Groups in their order. Each has its lists (the names of models) with their icons.
GROUPS: dict[str, dict[str, str]] = {
    "People": {"user": "person", "teacher": "school"},
    "Marketplace": {"gig": "storefront"},
    "Learning": {"correction": "spellcheck", "card": "style", "comment": "comment", "share": "share"},
    "Voice": {"voiceconversation": "record_voice_over", "voicesession": "mic"},
    "Moderation": {"report": "flag", "chat": "forum", "privatetextreading": "visibility"},
    "Operations": {"feedbackjob": "sync_problem", "group": "group"},
}
PLACES = {name: (group, icon) for group, icons in GROUPS.items() for name, icon in icons.items()}
OTHER_PLACE = ("Operations", "table_rows")  # of lists that GROUPS does not have


@dataclass(frozen=True)
class Entry:
    """A link in a group. Who may view the rows of ``pages`` sees it."""

    group: str
    title: str
    link: str
    icon: str
    pages: ModelAdmin[Any]

    def item(self, current: str) -> dict[str, Any]:
        """The link in unfold's format."""
        return {
            "title": self.title,
            "link": self.link,
            "icon": self.icon,
            "active": self.link == current,
        }


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups that have a link for the member of staff, in unfold's format."""
    index = reverse("admin:index")
    dashboard = {"title": "Dashboard", "link": index, "icon": "dashboard", "active": request.path == index}
    seen = [entry for entry in entries() if entry.pages.has_view_permission(request)]
    # "Usage" is below "Voice sessions": the longest link is the current one.
    current = max((entry.link for entry in seen if request.path.startswith(entry.link)), key=len, default="")
    by_group = {group: [entry.item(current) for entry in seen if entry.group == group] for group in GROUPS}
    return [
        {"title": "", "items": [dashboard]},
        *({"title": group, "items": items} for group, items in by_group.items() if items),
    ]


def entries() -> Iterator[Entry]:
    """A link for each registered list, in the order of GROUPS, and one for the usage of voice sessions."""
    order = list(PLACES)
    registered = {str(model._meta.model_name): pages for model, pages in site._registry.items()}
    for name in sorted(registered, key=lambda name: order.index(name) if name in PLACES else len(order)):
        pages = registered[name]
        group, icon = PLACES.get(name, OTHER_PLACE)
        title = capfirst(str(pages.opts.verbose_name_plural))
        yield Entry(group, title, list_address(pages), icon, pages)
    usage = reverse("admin:accounts_voicesession_usage")
    yield Entry("Voice", "Usage and cost", usage, "payments", registered["voicesession"])
