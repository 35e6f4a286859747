"""Users: authentication by verified claims, and changes of the profile."""

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, cast

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from accounts.errors import AccountBanned, InvalidToken
from accounts.integrations.access_tokens import Claims
from accounts.models import User
from accounts.models.filled_profiles import EMPTY_PROFILE
from accounts.services import account_metadata, teachers

logger = logging.getLogger(__name__)


def authenticate(claims: Claims, *, measured: bool = False) -> User:
    """Returns the user of verified claims. The first token of an account creates the row.

    ``measured`` reads ``stored_bytes`` in the same statement, for a request that may write.
    Updates the user's address if the claims carry a newer one, and fills empty profile fields from the
    metadata. Raises InvalidToken if the session has ended or the account is deleted, AccountBanned.
    """
    user = _load(claims, measured=measured) or _create(claims)
    if user.banned:
        raise AccountBanned
    if not user.session_live or user.deleted_at:
        raise InvalidToken("This session has ended. Sign in again.")
    if user.email != claims.email:
        update_email(user=user, email=claims.email, issued_at=claims.issued_at)
    fill_profile(user=user, metadata=claims.metadata)
    return cast(User, user)


def _load(claims: Claims, *, measured: bool = False) -> Any:
    """The user of the claims, or None.

    It replaces Django's health check of the connection, which costs a query: if the connection is lost, the
    query runs again on a new one. It changes nothing, so it may run twice.
    """
    find = partial(
        User.objects.of_claims,
        sub=claims.sub,
        session_id=claims.session_id,
        issued_at=claims.issued_at,
        measured=measured,
    )
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return find()
    except (InterfaceError, OperationalError):
        if connection.in_atomic_block or connection.connection is None or connection.is_usable():
            raise
        connection.close()
        return find()


@transaction.atomic
def _create(claims: Claims) -> Any:
    """Creates the user from the account's metadata, unless a parallel request has created it.

    Raises InvalidToken, and creates nothing then, if the session has ended.
    """
    profile = account_metadata.profile_of(claims.metadata)
    is_teacher = profile.pop("role", None) == User.Role.TEACHER
    email = {"email": claims.email, "email_as_of": claims.issued_at}
    user, created = User.objects.get_or_create(pk=claims.sub, defaults={**email, **profile})
    if created and is_teacher:
        teachers.make_teacher(user=user)
    user = _load(claims)
    if not user.session_live:
        raise InvalidToken("This session has ended. Sign in again.")
    return user


def fill_profile(*, user: User, metadata: Mapping[str, Any]) -> None:
    """Fills the empty profile fields of the user from the metadata. Overwrites nothing.

    Runs no query unless the metadata contain a value for an empty field. Then the row is locked, so that a
    parallel update of the profile is not overwritten. Raises AccountDeleted.
    """
    if not account_metadata.fields_of(metadata, user.unfilled_fields()):
        return
    with transaction.atomic():
        row: User = User.objects.locked_present(user.pk)
        if found := account_metadata.fields_of(metadata, row.unfilled_fields()):
            row.change_fields(found)
    for name in EMPTY_PROFILE:
        setattr(user, name, getattr(row, name))


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

    Access tokens do not fill a field again that this empties. Raises AccountDeleted.
    """
    row: User = User.objects.locked_present(user.pk)
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    row.change_fields(fields)
    row.note_emptied(changed)
    return row
