"""Users: authentication by verified claims, and changes of the profile."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.db import IntegrityError, transaction

from accounts.errors import InvalidToken
from accounts.integrations.access_tokens import Claims
from accounts.models import User
from accounts.models.users import MAX_LEARNING_LANGUAGES
from accounts.services import teachers
from accounts.values import timezones

logger = logging.getLogger(__name__)


def authenticate(claims: Claims) -> User:
    """Returns the user of verified claims. The first token of an account creates the row.

    Updates the user's address if the claims carry a newer one. Raises InvalidToken if the session
    has ended, or the account is banned or deleted.
    """
    user = _load(claims) or _create(claims)
    if not user.session_live or user.deleted_at or not user.is_active:
        raise InvalidToken("This session has ended. Sign in again.")
    if user.email != claims.email:
        update_email(user=user, email=claims.email, issued_at=claims.issued_at)
    return cast(User, user)


def _load(claims: Claims) -> Any:
    return User.objects.of_claims(sub=claims.sub, session_id=claims.session_id, issued_at=claims.issued_at)


@transaction.atomic
def _create(claims: Claims) -> Any:
    """Creates the user from the account's metadata, unless a parallel request has created it.

    Raises InvalidToken, and creates nothing then, if the session has ended.
    """
    profile = profile_from_metadata(claims.metadata)
    is_teacher = profile.pop("role", None) == User.Role.TEACHER
    email = {"email": claims.email, "email_as_of": claims.issued_at}
    user, created = User.objects.get_or_create(pk=claims.sub, defaults={**email, **profile})
    if created and is_teacher:
        teachers.make_teacher(user=user)
    user = _load(claims)
    if not user.session_live:
        raise InvalidToken("This session has ended. Sign in again.")
    return user


def profile_from_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """The profile fields in the metadata of an account.

    The owner of the account writes them without our checks: texts are cut to the length of their
    column, and other invalid values are left out.
    """
    profile: dict[str, Any] = {}
    for name, max_length in (("name", 150), ("native_language", 50), ("role", 10)):
        if isinstance(value := metadata.get(name), str):
            profile[name] = value.strip()[:max_length]
    if isinstance(languages := metadata.get("learning_languages"), list):
        texts = [text.strip()[:50] for text in languages if isinstance(text, str) and text.strip()]
        profile["learning_languages"] = texts[:MAX_LEARNING_LANGUAGES]
    if timezones.is_known(metadata.get("timezone")):
        profile["timezone"] = metadata["timezone"]
    return profile


def update_email(*, user: User, email: str, issued_at: datetime) -> None:
    """Stores the address of a verified token, unless a newer token has already set one.

    An older token may still be in use on another device, with the previous address.
    """
    outdated = User.objects.present().filter(pk=user.pk).with_email_before(issued_at)
    try:
        with transaction.atomic():
            updated = outdated.update(email=email, email_as_of=issued_at)
    except IntegrityError:
        # Addresses are unique among staff. An operator has to decide which account keeps the address.
        outdated.update(email_as_of=issued_at)
        logger.error("The staff member %s keeps an old address: the new address is in use.", user.pk)
        return
    if updated:
        user.email = email


@transaction.atomic
def update_profile(*, user: User, fields: Mapping[str, Any]) -> User:
    """Updates only these fields of the user. Returns the updated row.

    Raises AccountDeleted.
    """
    row: User = User.objects.locked_present(user.pk)
    row.change_fields(fields)
    return row
