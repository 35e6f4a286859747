"""Checks of the addresses of Supabase and OpenAI, and the origins of local web pages.

Each function returns the address, or raises ImproperlyConfigured.
"""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from linguaflex.value_kinds import mistaken

# Origins of web pages: of this machine, and of private networks (RFC 1918, 3927), as browsers write them.
LOCAL_ORIGIN = r"^https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$"
_network = r"10\.\d+|127\.\d+|169\.254|172\.(1[6-9]|2\d|3[01])|192\.168"
PRIVATE_ORIGIN = rf"^https?://({_network})\.\d+\.\d+(:\d+)?$"
HOSTED = re.compile(r"([a-z0-9-]+)\.supabase\.(co|in|net)")
OTHER_HOSTS = [
    (r"((www|app|studio)\.)?supabase\.(com|io|co)", "the address of Supabase's dashboard or website"),
    (r"api\.supabase\.(com|io)", "the address of Supabase's management API"),
    (r"db\.[a-z0-9-]+\.supabase\.(co|in|net)", "the host of the database"),
    (r"[a-z0-9-]+\.supabase\.(com|io)", "a host that no project has"),
    (r".+\.pooler\.supabase\.com", "the host of the database's connection pooler"),
    (r".+\.[a-z]+\.supabase\.(co|in|net)", "the host of one service of the project"),
    (r"(.+\.)?openai(\.azure)?\.com", "an address of OpenAI"),
    (r"(.+\.)?sentry\.io", "an address of Sentry"),
]
DATABASE_PORTS = (5432, 6543)
# The first part of the path of OpenAI's calls (platform.openai.com/docs/api-reference).
OPENAI_CALLS = {"audio", "chat", "completions", "models", "realtime", "responses"}


def supabase_url(address: str, name: str = "SUPABASE_URL") -> str:
    """The API URL of a Supabase project, or "" if unset. It has no path, which clients append."""
    if not address:
        return ""
    parts = urlsplit(address)
    host = parts.hostname or ""
    expected = f"the project's API URL without a path, {_project_url(address)}"
    if found := _other_place(host, parts.port):
        raise mistaken(name, f"{found} ({address})", expected)
    if parts.path:
        raise mistaken(name, f"an address with the path {parts.path}", expected)
    if HOSTED.fullmatch(host) and parts.scheme == "http":
        raise mistaken(name, f"{address}, which is not encrypted", f"https://{host}")
    return address


def jwt_issuer(issuer: str, supabase_url: str, name: str = "SUPABASE_JWT_ISSUER") -> str:
    """The issuer of access tokens. A hosted project's issuer ends with /auth/v1."""
    host = urlsplit(issuer).hostname or ""
    expected = f"{_project_url(issuer)}/auth/v1"
    if found := _other_place(host, urlsplit(issuer).port):
        raise mistaken(name, f"{found} ({issuer})", expected)
    if HOSTED.fullmatch(host) and issuer != expected:
        raise mistaken(name, issuer, expected)
    own = project_of(urlsplit(supabase_url).hostname or "")
    if own and project_of(host) not in ("", own):
        raise mistaken(name, f"the issuer of the project {project_of(host)}", f"{supabase_url}/auth/v1")
    return issuer


def openai_base_url(address: str, name: str = "OPENAI_BASE_URL") -> str:
    """The base URL of OpenAI's API or of a gateway: with the version, without the path of a call."""
    parts = urlsplit(address)
    host, expected = parts.hostname or "", "the base URL with /v1, such as https://api.openai.com/v1"
    if host in ("platform.openai.com", "chatgpt.com", "openai.com", "chat.openai.com"):
        raise mistaken(name, f"the address of a website ({address})", expected)
    if re.search(r"(^|\.)supabase\.(co|com|in|net)$", host):
        raise mistaken(name, f"an address of Supabase ({address})", expected)
    before, version, call = parts.path.partition("/v1")
    if host == "api.openai.com" and parts.scheme == "http":
        raise mistaken(name, f"{address}, which is not encrypted", "https://api.openai.com/v1")
    if not version or (call and not call.startswith("/")):
        base = "https://api.openai.com" if host == "api.openai.com" else address
        raise mistaken(name, f"an address without /v1 ({address})", f"{base}/v1")
    if OPENAI_CALLS & set(call.split("/")[1:2]):
        base = address.removesuffix(call)
        raise mistaken(name, f"the address of one call ({address})", base)
    if host == "api.openai.com" and (before or call):
        raise mistaken(
            name, f"an address with another path than /v1 ({address})", "https://api.openai.com/v1"
        )
    return address


def openai_simulator(port: int, *, local: bool) -> str:
    """The base URL of the OpenAI simulator. Raises ImproperlyConfigured in production."""
    if not local:
        raise ImproperlyConfigured(
            "LINGUAFLEX_OPENAI_SIMULATOR is set in production. Learners would mistake its made-up answers"
            " for a tutor's. Unset it, and set OPENAI_API_KEY."
        )
    return f"http://127.0.0.1:{port}/v1"


def project_of(host: str) -> str:
    """The reference of the hosted Supabase project with this API host, or ""."""
    found = HOSTED.fullmatch(host)
    return found[1] if found else ""


def _other_place(host: str, port: int | None) -> str:
    """What the host is, if it is known and not the API of a project."""
    if port in DATABASE_PORTS:
        return "an address with the port of a database"
    return next((what for pattern, what in OTHER_HOSTS if re.fullmatch(pattern, host)), "")


def _project_url(address: str) -> str:
    """The API URL of the project that ``address`` names, for error messages.

    Without a project in it, the address without its path, or an example if that is a known other place.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if named := re.search(r"/projects?/([a-z0-9]{20})\b", parts.path):
        return f"https://{named[1]}.supabase.co"
    service = r"(\.(storage|functions|realtime))?\.supabase\.(?P<end>co|in|net)$"
    if project := re.search(rf"(?P<ref>[a-z0-9-]+){service}", host):
        return f"https://{project['ref']}.supabase.{project['end']}"
    if _other_place(host, None):
        return "such as https://abcd.supabase.co"
    return f"{parts.scheme}://{parts.netloc}"
