"""People: one row for each Supabase account, by its ``sub``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from accounts.models.user_querysets import UserManager
from accounts.values import languages, search_text

DELETED_NAME = "Deleted user"
# The admin API and the database remove an account in seconds; a minute later, the worker died.
DELETION_GRACE = timedelta(minutes=1)
PERSONAL_FIELDS = {
    "last_login",
    "email",
    "role",
    "profile_picture",
    "phone_number",
    "date_of_birth",
    "bio",
    "city",
    "country",
    "native_language",
    "learning_languages",
    "timezone",
}
SEARCHED_FIELDS = ("name", "bio", "city", "country")
LANGUAGE_FIELDS = ("native_language", "learning_languages")


class User(AbstractBaseUser, PermissionsMixin):
    """A learner, teacher or member of staff; ``id`` is the Supabase ``sub``.

    Supabase holds the password and confirms the address. A deleted account leaves its row as a
    tombstone without personal data, so that an old token cannot make it anew and chats keep order.
    """

    class Role(models.TextChoices):
        STUDENT = "student", "Student"
        TEACHER = "teacher", "Teacher"

    # Django's commands want the column; it holds the mark of a password that nothing matches.
    password = models.CharField(max_length=128, default=UNUSABLE_PASSWORD_PREFIX, editable=False)
    id = models.UUIDField(primary_key=True, editable=False)
    email = models.EmailField(max_length=255, blank=True)
    # When the token was issued that the address was last taken from.
    email_as_of = models.DateTimeField(null=True, blank=True, editable=False)
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.STUDENT)
    profile_picture = models.CharField(max_length=255, blank=True)
    phone_number = models.CharField(max_length=32, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    bio = models.TextField(max_length=2000, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)
    native_language = models.CharField(max_length=50, blank=True)
    native_language_code = models.CharField(max_length=50, blank=True, editable=False)
    learning_languages = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    learning_language_codes = ArrayField(
        models.CharField(max_length=50), default=list, blank=True, editable=False
    )
    search_text = models.TextField(blank=True, editable=False)
    timezone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deletion_finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        permissions = [("ban_user", "Can ban people and lift bans")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(is_staff=True),
                name="staff_email_once",
                violation_error_message="Another member of staff has this e-mail address.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["student", "teacher"]),
                name="user_role_is_known",
            ),
            models.CheckConstraint(
                condition=Q(deletion_finished_at=None) | Q(deleted_at__isnull=False),
                name="user_deletion_begins_before_it_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="user_newest_first"),
            models.Index(fields=["native_language_code", "-created_at", "-id"], name="user_by_native"),
            GinIndex(fields=["learning_language_codes"], name="user_by_learning"),
            GinIndex(fields=["search_text"], name="user_search", opclasses=["gin_trgm_ops"]),
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False, deletion_finished_at=None),
                name="user_awaiting_deletion",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or str(self.pk)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stores the row with the codes of its languages and what search compares."""
        fields = kwargs.get("update_fields")
        derived: set[str] = set()
        if fields is None or not set(LANGUAGE_FIELDS).isdisjoint(fields):
            codes = (languages.code_of(language) for language in self.learning_languages)
            self.learning_language_codes = list(dict.fromkeys(codes))
            self.native_language_code = languages.code_of(self.native_language)
            derived |= {"native_language_code", "learning_language_codes"}
        if fields is None or not set(SEARCHED_FIELDS).isdisjoint(fields):
            self.search_text = search_text.searchable(getattr(self, name) for name in SEARCHED_FIELDS)
            derived.add("search_text")
        kwargs["update_fields"] = fields and {*fields, *derived}
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        """Binds a Django session to this account until it is banned: see ``shut_out``."""
        value = f"{self.pk}{self.password}"
        return salted_hmac("accounts.User", value, algorithm="sha256").hexdigest()

    def take_role(self, role: str) -> None:
        """Notes whether the person learns or teaches; the teaching profile says the same."""
        self.role = role
        self.save(update_fields=["role", "updated_at"])

    def shut_out(self) -> None:
        """Takes all access; Django sessions of the person are dead for good, after a return too."""
        self.is_active = False
        self.set_unusable_password()  # nothing matches it, before and after; it is another text
        self.save(update_fields=["is_active", "password", "updated_at"])

    def let_in(self) -> None:
        """Gives access back."""
        self.is_active = True
        self.save(update_fields=["is_active", "updated_at"])

    def bury(self, *, at: datetime) -> None:
        """Turns the row, which the caller has locked, into a tombstone: no personal data, no access."""
        fields = {field.name: field for field in self._meta.concrete_fields}
        for name in PERSONAL_FIELDS:
            setattr(self, name, fields[name].get_default())
        self.name = DELETED_NAME
        self.is_active = self.is_staff = self.is_superuser = False
        self.deleted_at = at
        self.save()
