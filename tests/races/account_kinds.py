"""Races about accounts: registration, becoming a teacher, pictures."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from accounts.services import deletions, profile_pictures
from tests.fixtures.accounts import BASE
from tests.fixtures.people import client_of
from tests.races.harness import Action, kind_of
from tests.races.invariants import rows_of
from tests.races.scenes import Scene


class Registration(Scene):
    """Registrations of one address, and the first requests of accounts without a row."""

    parts = ()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.email = f"r{self.chance.getrandbits(48)}@example.com"
        self.role = self.chance.choice(["student", "teacher"])
        User.objects.filter(pk=self.other.user.pk).delete()

    def actions(self) -> dict[str, Action]:
        """Three registrations, and two first requests of another account."""
        body = {"email": self.email, "password": "correct horse", "name": "Ada", "role": self.role}
        first = client_of(self.other.token)
        found: dict[str, Action] = {
            f"register #{number}": lambda: client_of().post(f"{BASE}register/", body) for number in range(3)
        }
        return found | {
            "read oneself for the first time #3": lambda: first.get(f"{BASE}users/me/"),
            "become a teacher at once #4": lambda: client_of(self.other.token).post(f"{BASE}teachers/", {}),
        }

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """One registration succeeds, and there is one account with one row."""
        statuses = sorted(str(status) for name, status in results.items() if name.startswith("register"))
        counted = rows_of(
            "select a.id, u.role, t.user_id is not null from auth.users a"
            " left join accounts_user u on u.id = a.id left join accounts_teacher t on t.user_id = a.id"
            " where a.email = %s",
            self.email,
        )
        wanted = [(self.role, self.role == "teacher")]
        if statuses != ["201", "400", "400"] or [row[1:] for row in counted] != wanted:
            return [f"registrations: {statuses}, accounts: {counted}"]
        return []


class BecomingATeacher(Scene):
    parts = ()
    kinds = (
        *("become a teacher", "become a teacher", "offer a gig", "change the teaching profile"),
        *("change the profile", "delete the account"),
    )
    always = ("become a teacher", "become a teacher")

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """At most one request makes the teacher; one does, unless the account is deleted."""
        made = [status for name, status in results.items() if kind_of(name) == self.always[0]].count(201)
        deleted = any(kind_of(name) == "delete the account" for name in results)
        return [] if made == 1 or (deleted and made == 0) else [f"{made} requests made the teacher"]


class Pictures(Scene):
    parts = ()
    kinds = ("upload a picture", "upload a picture", "remove the picture", "change the profile")
    always = ("upload a picture", "upload a picture")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        if self.chance.random() < 0.3:
            self.always = (*self.always, "delete the account")

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """After the queued removals, the files are the one of the row. After a deletion there is none."""
        user = User.objects.get(pk=self.learner.user.pk)
        for path, attempt in queued_removals():
            profile_pictures.remove_file.call(path, attempt)
        if user.deleted_at:
            deletions.complete_deletion(user=user, at=timezone.now())
        folder = profile_pictures.folder_of(user)
        names = rows_of("select name from storage.objects where name like %s", f"{folder}/%")
        wanted = [(user.profile_picture,)] if user.profile_picture else []
        return [] if names == wanted else [f"the files are {names}, the row has {user.profile_picture!r}"]


def queued_removals() -> list[Any]:
    """The arguments of the queued removals of files. They are taken from the queue."""
    queued = DBTaskResult.objects.filter(task_path=profile_pictures.remove_file.module_path)
    arguments = [each["args"] for each in queued.values_list("args_kwargs", flat=True)]
    queued.delete()
    return arguments
