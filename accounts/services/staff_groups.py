"""The groups of staff and their permissions, set again after each ``migrate``."""

from typing import Any

from django.contrib.auth.management import create_permissions

PEOPLE = ("view_user", "view_teacher", "view_gig")
# Permissions of the accounts app. An absent permission is granted by the ``migrate`` that creates it.
GROUPS: dict[str, tuple[str, ...]] = {
    # Reports, bans, suspensions. The text of a chat is not part of it, except around a reported message.
    "moderator": (
        *PEOPLE,
        *("handle_report", "ban_user", "suspend_gig", "view_chat"),
    ),
    # Questions of learners and teachers.
    "support": (
        *PEOPLE,
        *("view_voiceconversation", "change_voiceconversation", "view_voicesession", "view_feedbackjob"),
        "read_private_text",
    ),
    # Figures. Never a private text.
    "analyst": ("view_voiceconversation", "view_voicesession"),
}


def grant_permissions(*, app_config: Any, using: str, apps: Any) -> None:
    """Sets the permissions of the groups that exist: no more and no fewer than GROUPS. Idempotent.

    Django creates the permissions of a new model after ``migrate`` too, maybe later than this runs, so
    missing ones are created first.
    """
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for group in apps.get_model("auth", "Group").objects.using(using).filter(name__in=GROUPS):
        wanted = permissions.filter(content_type__app_label=app_config.label, codename__in=GROUPS[group.name])
        group.permissions.set(wanted)
