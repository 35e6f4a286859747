"""The profile in the metadata of a Supabase account.

Our registration writes the keys ``name``, ``role``, ``native_language``, ``learning_languages`` and
``timezone``; frontends and sign-in providers write others. The owner of the account can change all of them
without our checks: texts are cut to the length of their column, and other invalid values are ignored.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from accounts.models import User
from accounts.models.filled_profiles import EMPTY_PROFILE
from accounts.models.users import MAX_LEARNING_LANGUAGES
from accounts.values import timezones
from accounts.values.plain_text import is_blank, storable

MAX_NAME_LENGTH = 150
MAX_LANGUAGE_LENGTH = 50
# The keys of a name, the best first; the texts of several keys are one name. Source: the claims of OpenID
# Connect, and Supabase's metadata for its providers. Frontends write "fullName" or "full-name" too.
NAME_KEYS = (
    ("name",),
    ("full_name",),
    ("given_name", "family_name"),
    ("first_name", "last_name"),
    ("display_name",),
    ("nickname",),
    ("preferred_username",),
    ("user_name",),
    ("username",),
)
TIME_ZONE_KEYS = ("timezone", "zoneinfo")
ADDRESS = re.compile(r"\S+@\S+\.\S+")


def profile_of(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The profile fields that are in the metadata and not empty, with ``role`` if it is known."""
    role = metadata.get("role")
    profile = fields_of(metadata, READERS)
    return {**profile, "role": role} if role in User.Role.values else profile


def fields_of(metadata: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The fields that are in the metadata and not empty. ``names`` are the keys of READERS to read."""
    found = {name: READERS[name](metadata) for name in names}
    return {name: value for name, value in found.items() if value and value != EMPTY_PROFILE[name]}


def _name(metadata: Mapping[str, Any]) -> str:
    """The name, or "".

    Some providers write the e-mail address as user name. Everybody can see a name, so a text with an address
    is not taken, except from ``name``, where our registration writes what the owner entered as their name.
    """
    spelt = {_plain_key(key): value for key, value in metadata.items() if value} | dict(metadata)
    for keys in NAME_KEYS:
        values = (spelt.get(key) or spelt.get(_plain_key(key)) for key in keys)
        parts = (_text(value, MAX_NAME_LENGTH) for value in values)
        name = " ".join(filter(None, parts))[:MAX_NAME_LENGTH].strip()
        if name and (keys == ("name",) or not ADDRESS.search(name)):
            return name
    return ""


def _plain_key(key: str) -> str:
    return re.sub("[_ -]", "", key).lower()


def _native_language(metadata: Mapping[str, Any]) -> str:
    return _text(metadata.get("native_language"), MAX_LANGUAGE_LENGTH)


def _learning_languages(metadata: Mapping[str, Any]) -> list[str]:
    languages = metadata.get("learning_languages")
    texts = (_text(each, MAX_LANGUAGE_LENGTH) for each in languages) if isinstance(languages, list) else ()
    return [text for text in texts if text][:MAX_LEARNING_LANGUAGES]


def _timezone(metadata: Mapping[str, Any]) -> str:
    for key in TIME_ZONE_KEYS:
        if timezones.is_known(zone := metadata.get(key)):
            return str(zone)
    return ""


def _text(value: Any, max_length: int) -> str:
    """The text without blanks around it; "" if it is blank or not a string."""
    if not isinstance(value, str) or is_blank(text := storable(value)):
        return ""
    cut = text.strip()[:max_length].strip()
    return "" if is_blank(cut) else cut


READERS = {
    "name": _name,
    "native_language": _native_language,
    "learning_languages": _learning_languages,
    "timezone": _timezone,
}
