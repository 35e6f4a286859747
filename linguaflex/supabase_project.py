"""The keys and the database of one Supabase project. Values of different projects are refused."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from linguaflex import addresses
from linguaflex import environment as env
from linguaflex.value_kinds import ACCEPTED, jwt_claims, kind_of, mistaken

# Supabase's own JWT secrets have 40 or more characters.
LONG_SECRET = 32
# The issuer of the keys that every installation of the Supabase CLI has.
CLI_ISSUER = "supabase-demo"
PUBLISHABLE = ("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY")
SECRET = ("SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY")


def check_keys(supabase_url: str) -> None:
    """Raises ImproperlyConfigured for a key of another project, or a secret in place of the public key.

    Everybody can read the public key, so that a doubtful value is refused. The unused older names are
    checked too.
    """
    for name in PUBLISHABLE:
        if key := env.text(name):
            _check_published(name, key, supabase_url)
    for name in (*PUBLISHABLE, *SECRET):
        _check_project(name, supabase_url)


def check_database(config: dict[str, Any], supabase_url: str) -> None:
    """Raises ImproperlyConfigured if the database is of another hosted project than ``supabase_url``."""
    direct = re.fullmatch(r"db\.([a-z0-9-]+)\.supabase\.(co|in|net)", str(config.get("HOST", "")).lower())
    pooled = re.fullmatch(r".+\.pooler\.supabase\.com", str(config.get("HOST", "")).lower())
    tenant = re.search(r"\.([a-z0-9]{20})$", str(config.get("USER", ""))) if pooled else None
    project, found = addresses.project_of(_host(supabase_url)), direct or tenant
    if project and found and found[1] != project:
        raise mistaken(
            "DATABASE_URL",
            f"the database of the project {found[1]}",
            f"that of the project in SUPABASE_URL, {project}",
        )


def _check_published(name: str, key: str, supabase_url: str) -> None:
    """Raises ImproperlyConfigured if the key is the value of a secret, or may be one."""
    _, expected = ACCEPTED[name]
    is_hosted = bool(addresses.project_of(_host(supabase_url)))
    if is_hosted and kind_of(key) is None and len(key) >= LONG_SECRET:
        raise mistaken(name, "a long text that is not an API key of Supabase", expected)
    for other in (*SECRET, "SUPABASE_JWT_SECRET", "DJANGO_SECRET_KEY", "OPENAI_API_KEY"):
        if key == env.text(other):
            raise mistaken(name, f"the value of {other}, which is a secret", expected)
    if f":{unquote(key)}@" in unquote(env.text("DATABASE_URL")):
        raise mistaken(name, "the password in DATABASE_URL, which is a secret", expected)


def _check_project(name: str, supabase_url: str) -> None:
    """Raises ImproperlyConfigured for a JWT whose ``ref`` is not the project of ``supabase_url``."""
    claims, project = jwt_claims(env.text(name)), addresses.project_of(_host(supabase_url))
    ref = claims.get("ref")
    if not project or not claims:
        return
    if claims.get("iss") == CLI_ISSUER or (ref and ref != project):
        owner = f"the project {ref}" if ref else "the Supabase CLI"
        expected = f"a key of the project in SUPABASE_URL, {project}"
        raise mistaken(name, f"a key of {owner}", expected)


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""
