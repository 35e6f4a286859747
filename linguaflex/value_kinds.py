"""Recognises values that belong to another variable, such as a secret key in SUPABASE_PUBLISHABLE_KEY.

A recognised value in the wrong variable stops the start. The error never contains the value, which may
be a secret. A value of an unknown kind passes.
"""

import base64
import json
import re
from enum import Enum
from typing import Any

from django.core.exceptions import ImproperlyConfigured


class Kind(Enum):
    """What a value is, as error messages say it."""

    PUBLISHABLE = "a publishable key of Supabase (sb_publishable_...)"
    SECRET = "a secret key of Supabase (sb_secret_...)"
    ANON = "an anon key of Supabase (a JWT with the role anon)"
    SERVICE_ROLE = "a service_role key of Supabase (a JWT with the role service_role)"
    USER_TOKEN = "the access token of a user (a JWT with the role authenticated)"
    JWT = "a JWT that is not an API key of Supabase"
    PART_OF_JWT = "a part of a JWT, or several"
    PERSONAL_TOKEN = "a personal access token of a Supabase account (sbp_...)"
    JWK = "a signing key (a JSON Web Key)"
    PEM = "a key or certificate in PEM format"
    OPENAI = "an OpenAI API key (sk-...)"
    OPENAI_CLIENT_SECRET = "an OpenAI client secret, which expires in minutes (ek_...)"
    OPENAI_ID = "the id of an OpenAI organization or project"
    ANTHROPIC = "an Anthropic API key (sk-ant-...)"
    OTHER_SERVICE = "a key of another service, such as Stripe or GitHub"
    SENTRY = "a Sentry DSN"
    DATABASE = "a PostgreSQL URL"
    REDIS = "a Redis URL"
    WEB = "a web address (https://...)"
    ASSIGNMENT = "a whole line NAME=value"
    HEADER = "a whole header, with the word Bearer"
    QUOTED = "a text in quotation marks"
    PLACEHOLDER = "a placeholder from a guide"


PATTERNS = [
    (Kind.QUOTED, r"""(["'`]).*\1|[“”‘’].*"""),
    (Kind.ASSIGNMENT, r"(export\s+)?(\w+_)?(SUPABASE|OPENAI|DATABASE|DJANGO|SENTRY|CACHE)_\w+\s*=.*"),
    (Kind.HEADER, r"(?i:(apikey|authorization)\s*:.*|bearer\s.*)"),
    (
        Kind.PLACEHOLDER,
        r"(?i:<[^<>]+>|[\[{(]?your[-_ ].+|x{3,20}|change[-_ ]?me|todo|null|none|undefined)",
    ),
    (Kind.PLACEHOLDER, r"\$\{?[A-Z][A-Z0-9_]*\}?"),
    (Kind.DATABASE, r"(?i:(jdbc:|prisma\+)?postgres(ql)?(\+\w+)?://.*)"),
    (Kind.REDIS, r"(?i:rediss?(cache)?://.*)"),
    (Kind.SECRET, r".*\bsb_secret_.*"),  # a list of keys too
    (Kind.PUBLISHABLE, r"sb_publishable_[\w.-]*"),
    (Kind.PERSONAL_TOKEN, r"sbp_.*"),
    (Kind.ANTHROPIC, r"sk-ant-.*"),
    (Kind.OPENAI, r"sk-.*"),
    (
        Kind.OTHER_SERVICE,
        r"[rsp]k_(live|test)_.*|whsec_.*|gh[opsru]_.*|github_pat_.*|AKIA[A-Z0-9]{16}|AIza.{35}",
    ),
    (Kind.OPENAI_CLIENT_SECRET, r"ek_.*"),
    (Kind.OPENAI_ID, r"(org-|proj_)\w+"),
    (Kind.PART_OF_JWT, r"eyJ[\w-]{8,}.*"),
    (Kind.JWK, r"""[\[{].*"(kty|keys)".*"""),
    (Kind.PEM, r"-----BEGIN .*"),
    (Kind.SENTRY, r"(?i:https?://[^/@]+@[^/]*/[0-9]+)"),
    (Kind.WEB, r"(?i:https?:/.*)"),
]
# The kinds that no variable may have, except where ACCEPTED names them: secrets, and copying mistakes.
ANYWHERE = set(Kind) - {Kind.PLACEHOLDER, Kind.WEB, Kind.REDIS, Kind.OPENAI_ID}
ROLES = {"anon": Kind.ANON, "service_role": Kind.SERVICE_ROLE, "authenticated": Kind.USER_TOKEN}

PUBLIC_KEY = "the project's publishable key (sb_publishable_...) or its legacy anon key"
SECRET_KEY = "the project's secret key (sb_secret_...) or its legacy service_role key"
# Variable -> the kinds that belong there, and what belongs there in words.
ACCEPTED: dict[str, tuple[set[Kind], str]] = {
    "SUPABASE_URL": ({Kind.WEB}, "the project's API URL, such as https://abcd.supabase.co"),
    "SUPABASE_JWT_ISSUER": ({Kind.WEB}, "the issuer of tokens, such as https://abcd.supabase.co/auth/v1"),
    "SUPABASE_PUBLISHABLE_KEY": ({Kind.PUBLISHABLE, Kind.ANON}, PUBLIC_KEY),
    "SUPABASE_ANON_KEY": ({Kind.PUBLISHABLE, Kind.ANON}, PUBLIC_KEY),
    "SUPABASE_SECRET_KEY": ({Kind.SECRET, Kind.SERVICE_ROLE}, SECRET_KEY),
    "SUPABASE_SERVICE_ROLE_KEY": ({Kind.SECRET, Kind.SERVICE_ROLE}, SECRET_KEY),
    "SUPABASE_JWT_SECRET": (set(), "the project's legacy JWT secret, the text that signs HS256 tokens"),
    "DJANGO_SECRET_KEY": (set(), "a random text of your own, which is used for nothing else"),
    "DATABASE_URL": ({Kind.DATABASE}, "a URL such as postgresql://user:password@host:5432/database"),
    "SENTRY_DSN": ({Kind.SENTRY, Kind.WEB}, "an address such as https://key@o1.ingest.sentry.io/2"),
    "OPENAI_API_KEY": ({Kind.OPENAI}, "an OpenAI API key (sk-...)"),
    "LINGUAFLEX_SITE_URL": ({Kind.WEB}, "the address of a frontend, such as http://127.0.0.1:5173"),
    "OPENAI_BASE_URL": ({Kind.WEB}, "an address such as https://api.openai.com/v1"),
    "OPENAI_REALTIME_MODEL": (set(), "the name of a model, such as gpt-realtime-2.1"),
    "OPENAI_TRANSCRIPTION_MODEL": (
        set(),
        "the names of models in order of preference, such as gpt-live-transcribe,gpt-transcribe",
    ),
    "OPENAI_FEEDBACK_MODEL": (set(), "the name of a model, such as gpt-6.1-terra"),
}
# These values are sent in HTTP headers.
API_KEYS = {name for name in ACCEPTED if name.startswith("SUPABASE_") and name.endswith("_KEY")}
API_KEYS |= {"OPENAI_API_KEY"}


def check(name: str, value: str) -> None:
    """Raises ImproperlyConfigured if ``value`` is recognisable as the value of another variable."""
    kind = kind_of(value)
    belongs, expected = ACCEPTED.get(name, (set(), "the value that docs/SETTINGS.md describes"))
    refused = set(Kind) if name in ACCEPTED else ANYWHERE
    if kind in refused - belongs:
        raise mistaken(name, kind.value, expected)
    if name in API_KEYS and re.search(r"[^!-~]|[\"']", value):
        raise mistaken(name, "a text with a blank, a quotation mark or a letter outside of ASCII", expected)


def mistaken(name: str, found: str, expected: str) -> ImproperlyConfigured:
    """The error that says which variable is wrong, what it contains, and what belongs there."""
    return ImproperlyConfigured(f"{name} is {found}. Expected {expected}.")


def kind_of(value: str) -> Kind | None:
    """The kind of a value, or None if it is not recognised."""
    if claims := jwt_claims(value):
        return ROLES.get(str(claims.get("role")), Kind.JWT)
    return next((kind for kind, pattern in PATTERNS if re.fullmatch(pattern, value, re.DOTALL)), None)


def jwt_claims(value: str) -> dict[str, Any]:
    """The claims of a JWT (RFC 7519), not verified; empty for every other text."""
    try:
        header, payload, _ = value.split(".")
        if "alg" not in _decoded(header):
            return {}
        return _decoded(payload) or {"role": None}
    except ValueError:
        return {}


def _decoded(part: str) -> dict[str, Any]:
    """One part of a JWT, a JSON object in base64url. Raises ValueError."""
    found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found if isinstance(found, dict) else {}
