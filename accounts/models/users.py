"""Users: one row for each Supabase account. The primary key is the account's id (``sub``)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.validators import ArrayMaxLengthValidator
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.db.models.functions import Lower

from accounts.errors import AccountDeleted
from accounts.models.auth_sessions import account_is_active, session_is_live, session_rights
from accounts.models.bans import BannableUser, banned, not_banned
from accounts.models.compiled import CompiledQuery
from accounts.models.deleted_users import DELETED_NAME, PERSONAL_FIELDS
from accounts.models.filled_profiles import FilledProfile
from accounts.models.learning_settings import LEARNING_CONSTRAINTS, LearningSettings
from accounts.models.querysets import one_of
from accounts.models.search import SearchableQuerySet, contains_word, short_substrings
from accounts.models.stored_bytes import bytes_of_user
from accounts.models.validators import validate_birth_date, validate_time_zone
from accounts.values import languages, search_text
from accounts.values.plain_text import is_blank

MAX_LEARNING_LANGUAGES = 20
MAX_SEARCHED_CHARACTERS = 2_500  # each gig of a teacher has a copy of them


def is_listed(path: str = "") -> Q:
    """The condition that a user is in the directory: not deleted, not banned, not staff.

    ``path`` is the lookup from the queried model to the user, such as ``teacher__user__``.
    """
    return not_banned(path) & Q(**{f"{path}deleted_at": None, f"{path}is_staff": False})


class UserQuerySet(SearchableQuerySet["User"]):
    def present(self) -> Self:
        """Users whose account is not deleted."""
        return self.filter(deleted_at=None)

    def locked_present(self, pk: uuid.UUID) -> User:
        """The user, locked as by ``lock_present``. Raises AccountDeleted."""
        return self.present().locked(pk=pk, no_key=True, error=AccountDeleted)

    def lock_present(self, pk: uuid.UUID) -> None:
        """Locks the user until the transaction ends, so that no deletion starts in between.

        Every creation of a row that belongs to a user, and every change of a user's row that takes more
        than one UPDATE, starts with this lock. Raises AccountDeleted.
        """
        if not _present_lock(self.db).run(pk=pk):
            raise AccountDeleted

    def locked_among(self, *pks: uuid.UUID) -> dict[uuid.UUID, User]:
        """The users with these ids, by id, locked as by ``lock_present`` in the order of their ids."""
        rows = self.filter(pk__in=pks).order_by("pk").select_for_update(of=("self",), no_key=True)
        return {row.pk: row for row in rows}

    def check_present(self, pk: uuid.UUID) -> None:
        """Raises AccountDeleted if the user is deleted. Locks nothing."""
        if not self.present().filter(pk=pk).exists():
            raise AccountDeleted

    def listed(self) -> Self:
        """Users in the directory: see ``is_listed``."""
        return self.filter(is_listed())

    def with_teacher(self) -> Self:
        """Loads each user's teaching profile in the same query."""
        return self.select_related("teacher")

    def newest_first(self) -> Self:
        """Orders by ``created_at``, then by ``id``, both descending."""
        return self.order_by("-created_at", "-id")

    def in_role(self, *roles: str) -> Self:
        """Users in one of these roles."""
        return self.filter(one_of("role", roles))

    def native_in(self, *names: str) -> Self:
        """Users whose native language is one of ``names``, in any spelling (``de``, ``allemand``)."""
        return self.filter(one_of("native_language_code", map(languages.code_of, names)))

    def learning(self, *names: str) -> Self:
        """Users who learn one of the languages ``names``, in any spelling (``de``, ``allemand``)."""
        return self.filter(learning_language_codes__overlap=list(map(languages.code_of, names)))

    def mentioning(self, text: str) -> Self:
        """Users with every word of ``text`` in name, bio, city or country. Ignores case and accents."""
        return self.searched(*map(contains_word, search_text.words_of(text)))

    def of_claims(
        self, *, sub: uuid.UUID, session_id: uuid.UUID, issued_at: datetime, measured: bool = False
    ) -> User | None:
        """The user of an access token, with ``session_live`` and ``banned``, in one query.

        ``measured`` reads ``stored_bytes`` too.
        """
        query = _users_of_claims(self.db, *session_rights(), measured)
        return next(iter(query.run(sub=sub, session_id=session_id, issued_at=issued_at)), None)

    def with_email_before(self, instant: datetime) -> Self:
        """Users whose address was last copied from a token issued before ``instant``, or never."""
        return self.filter(Q(email_as_of=None) | Q(email_as_of__lt=instant))

    def admitted(self) -> Self:
        """Users who are neither deleted nor banned in our table. Supabase is not queried."""
        return self.present().filter(not_banned())

    def staff(self) -> Self:
        """Members of staff who are ``admitted``."""
        return self.admitted().filter(is_staff=True)

    def with_active_account(self, sub: uuid.UUID) -> Self:
        """The user ``sub``, if the account exists in Supabase and is not banned there."""
        return self.filter(account_is_active(sub), pk=sub)

    def awaiting_deletion(self, *, before: datetime) -> Self:
        """Users who were deleted at or before ``before``, but whose deletion is incomplete."""
        return self.filter(deleted_at__lte=before, deletion_finished_at=None)


@cache
def _present_lock(alias: str) -> CompiledQuery[User]:
    """The query of ``lock_present``."""
    pk = uuid.uuid4()
    users = User.objects.using(alias).present().filter(pk=pk).only("pk")
    return CompiledQuery(users.select_for_update(of=("self",), no_key=True), pk=pk)


@cache
def _users_of_claims(alias: str, readable: bool, deletable: bool, measured: bool) -> CompiledQuery[User]:
    """The query of ``of_claims``. ``alias`` is the database's; two arguments are the ``session_rights``."""
    claims: dict[str, Any] = {"sub": uuid.uuid4(), "session_id": uuid.uuid4(), "issued_at": datetime.now(UTC)}
    live = session_is_live(**claims, readable=readable, deletable=deletable)
    users = User.objects.using(alias).filter(pk=claims["sub"]).defer("password", "search_text")
    if deletable:
        del claims["issued_at"]
    is_banned = ExpressionWrapper(banned(), output_field=models.BooleanField())
    if measured:
        users = users.annotate(stored_bytes=bytes_of_user())
    return CompiledQuery(users.annotate(session_live=live, banned=is_banned), **claims)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> User:
        """The member of staff with this address. Addresses are unique among staff only."""
        user: User = self.get(email__iexact=username, is_staff=True)
        return user


class User(FilledProfile, LearningSettings, BannableUser, PermissionsMixin):
    """A learner, teacher or member of staff. ``id`` is the id of the Supabase account (``sub``).

    Supabase stores the password and confirms the address. The row of a deleted account remains
    without personal data: an old token must not create it again, and its messages keep their
    ``seq``.
    """

    class Role(models.TextChoices):
        STUDENT = "student", "Student"
        TEACHER = "teacher", "Teacher"

    # AbstractBaseUser requires the column. Its value is always an unusable password.
    password = models.CharField(max_length=128, default=UNUSABLE_PASSWORD_PREFIX, editable=False)
    id = models.UUIDField(primary_key=True, editable=False)
    email = models.EmailField(max_length=255, blank=True)
    # The issue time of the token that the address was last copied from.
    email_as_of = models.DateTimeField(null=True, blank=True, editable=False)
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.STUDENT)
    profile_picture = models.CharField(max_length=255, blank=True)
    phone_number = models.CharField(max_length=32, blank=True)
    date_of_birth = models.DateField(null=True, blank=True, validators=[validate_birth_date])
    bio = models.TextField(max_length=2000, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)
    native_language = models.CharField(max_length=50, blank=True)
    native_language_code = models.CharField(max_length=50, blank=True, editable=False)
    learning_languages = ArrayField(
        models.CharField(max_length=50),
        default=list,
        blank=True,
        validators=[ArrayMaxLengthValidator(MAX_LEARNING_LANGUAGES)],
    )
    learning_language_codes = ArrayField(
        models.CharField(max_length=50), default=list, blank=True, editable=False
    )
    search_text = models.TextField(blank=True, editable=False)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    # False for a deleted account. Django requires the column; a ban sets ``banned_until``.
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deletion_finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    # What the user's rows take at the beginning of a request that writes; None if that was not read.
    stored_bytes: int | None = None

    objects = UserManager()

    derived_columns = {
        "search_text": ("name", "bio", "city", "country"),
        "native_language_code": ("native_language",),
        "learning_language_codes": ("learning_languages",),
    }

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        permissions = [("ban_user", "Can ban people and lift bans")]
        constraints = [
            *LEARNING_CONSTRAINTS,
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(is_staff=True),
                name="staff_email_once",
                violation_error_message="Another member of staff has this e-mail address.",
            ),
            models.CheckConstraint(condition=Q(role__in=["student", "teacher"]), name="user_role_is_known"),
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
            GinIndex(short_substrings("search_text"), name="user_short_search"),
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False, deletion_finished_at=None),
                name="user_awaiting_deletion",
            ),
        ]

    def __str__(self) -> str:
        """The name, or the id. Not the address: the admin shows this also to staff who may not view users."""
        return str(self.pk) if is_blank(self.name) else self.name

    def get_full_name(self) -> str:
        """The name, which the admin shows above the address of the member of staff."""
        return self.name

    def derive(self) -> None:
        """Computes the language codes and the search text."""
        codes = (languages.code_of(language) for language in self.learning_languages)
        self.learning_language_codes = list(dict.fromkeys(codes))
        self.native_language_code = languages.code_of(self.native_language)
        texts = [self.name, self.city, self.country, self.bio]
        self.search_text = search_text.searchable(texts, MAX_SEARCHED_CHARACTERS)

    @property
    def teaching_profile(self) -> models.Model | None:
        """The Teacher row; None for a student, without a query."""
        found: models.Model | None = self.teacher if self.role == User.Role.TEACHER else None
        return found

    def set_role(self, role: str) -> None:
        self.role = role
        self.save(update_fields=["role", "updated_at"])

    def replace_profile_picture(self, path: str) -> str:
        """Stores a path in Supabase Storage, or "" for no picture. Returns the previous path."""
        previous, self.profile_picture = self.profile_picture, path
        self.save(update_fields=["profile_picture", "updated_at"])
        return previous

    def anonymise(self, *, at: datetime) -> None:
        """Marks the account as deleted, and removes the personal data and all access.

        The caller holds the lock of the row.
        """
        fields = {field.name: field for field in self._meta.concrete_fields}
        for name in PERSONAL_FIELDS:
            setattr(self, name, fields[name].get_default())
        self.name = DELETED_NAME
        self.is_active = self.is_staff = self.is_superuser = False
        self.deleted_at = at
        self.save()
