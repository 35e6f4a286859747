"""Checks of a project of Supabase over HTTP: keys, signing keys, clock, and the bucket of uploads."""

from collections.abc import Iterator

from django.conf import settings

from accounts.doctor.findings import Check, Finding, error, warning
from accounts.errors import SupabaseRejected, SupabaseUnavailable
from accounts.integrations import jwks, supabase_probes, supabase_storage
from accounts.models import User

MAX_CLOCK_SKEW_SECONDS = 30

UNREACHABLE = error(
    "supabase_unreachable",
    "SUPABASE_URL ({url}) cannot be reached: {reason}.",
    "Compare it with the project's API URL, and check that the project is not paused and that this machine"
    " may open connections to it.",
)
NOT_SUPABASE = error(
    "supabase_url_wrong",
    "SUPABASE_URL ({url}) answers with status {status}, and not as Supabase Auth does.",
    "Set it to the project's API URL, such as https://abcd.supabase.co, without a path.",
)
PUBLISHABLE_REFUSED = error(
    "publishable_key_refused",
    "Supabase refuses SUPABASE_PUBLISHABLE_KEY: nobody can sign in or register.",
    "Copy the publishable key from the project's API keys, and restart the server.",
)
PUBLISHABLE_IS_SECRET = error(
    "publishable_key_is_secret",
    "SUPABASE_PUBLISHABLE_KEY, which the API publishes, has the rights of a secret key.",
    "Revoke this key in the project's API keys now, set the publishable key, and restart the server.",
)
SECRET_REFUSED = error(
    "secret_key_refused",
    "Supabase refuses SUPABASE_SECRET_KEY: pictures, deletions of accounts, bans and all sign-ins behind a"
    " trusted proxy fail.",
    "Copy the secret key from the project's API keys, and restart server and workers.",
)
KEYS_UNREADABLE = error(
    "signing_keys_unreadable",
    "The signing keys at {url} cannot be read ({reason}): every request with a token is a 503.",
    "Open the address in a browser: it must return a JSON object with keys. Correct SUPABASE_URL.",
)
KEYS_MISSING = error(
    "signing_keys_missing",
    "The project publishes no signing key that LinguaFlex accepts ({algorithms}): every request with a token"
    " is a 503.",
    "Create and use an ES256 key under the project's JWT keys, or set SUPABASE_JWT_SECRET.",
)
CLOCK_SKEW = error(
    "clock_skew",
    "This machine's clock is {seconds} seconds {direction} Supabase's: valid tokens are refused.",
    "Synchronise the clock, for instance with chrony or systemd-timesyncd.",
)
NO_DATE = warning(
    "clock_not_compared",
    "Supabase's answers have no date, so that the clock was not compared.",
    "Compare the output of date -u with an exact clock.",
)
BUCKET_MISSING = warning(
    "bucket_missing",
    "The bucket {bucket} does not exist. The first uploaded picture creates it.",
    "Upload a profile picture, and run the doctor again.",
)
PICTURES_MISSING = error(
    "pictures_missing",
    "The bucket {bucket} does not exist, but users have profile pictures in it.",
    "Restore the bucket and its files from a backup of Supabase Storage.",
)
BUCKET_PRIVATE = error(
    "bucket_private",
    "The bucket {bucket} is private: no profile picture can be shown.",
    "Make it a public bucket in Supabase Storage.",
)
BUCKET_UNLIMITED = warning(
    "bucket_limits_differ",
    "The bucket {bucket} has {name} {value}, and LinguaFlex creates it with {expected}.",
    "Set the limit in Supabase Storage: it restricts what a leaked key can publish.",
)


def publishable_key() -> Iterator[Finding]:
    """Finds a wrong address, and a publishable key that is refused or secret."""
    try:
        answer = supabase_probes.auth_settings()
    except SupabaseUnavailable as failure:
        yield UNREACHABLE.found(url=settings.SUPABASE_URL, reason=failure.detail)
        return
    if answer.status in (401, 403):
        yield PUBLISHABLE_REFUSED.found()
    elif not answer.is_auth:
        yield NOT_SUPABASE.found(url=settings.SUPABASE_URL, status=answer.status)
    elif supabase_probes.is_secret_key(admin=False):
        yield PUBLISHABLE_IS_SECRET.found()


def secret_key() -> Iterator[Finding]:
    """Finds a secret key that Supabase refuses."""
    if not supabase_probes.is_secret_key(admin=True):
        yield SECRET_REFUSED.found()


def signing_keys() -> Iterator[Finding]:
    """Finds a key set that cannot be read, or in which no key is accepted."""
    url = jwks.store_of(settings.SUPABASE_URL).url
    try:
        keys = jwks.fetch(url)
    except jwks.FetchFailed as failure:
        yield KEYS_UNREADABLE.found(url=url, reason=failure)
        return
    accepted = settings.SUPABASE_JWT_ALGORITHMS
    if not settings.SUPABASE_JWT_SECRET and not any(key.algorithm_name in accepted for key in keys.values()):
        yield KEYS_MISSING.found(algorithms=", ".join(accepted))


def clock() -> Iterator[Finding]:
    """Finds a difference to Supabase's clock of more than MAX_CLOCK_SKEW_SECONDS."""
    ahead = supabase_probes.auth_settings().seconds_ahead
    if ahead is None:
        yield NO_DATE.found()
    elif abs(ahead) > MAX_CLOCK_SKEW_SECONDS:
        yield CLOCK_SKEW.found(seconds=round(abs(ahead)), direction="ahead of" if ahead > 0 else "behind")


def bucket() -> Iterator[Finding]:
    """Finds a bucket of uploads that is missing, private or without the limits of LinguaFlex."""
    name = supabase_storage.BUCKET
    try:
        limits = supabase_storage.bucket_limits()
    except SupabaseRejected:
        yield SECRET_REFUSED.found()
        return
    if limits is None:
        has_pictures = User.objects.exclude(profile_picture="").exists()
        yield (PICTURES_MISSING if has_pictures else BUCKET_MISSING).found(bucket=name)
        return
    if not limits["public"]:
        yield BUCKET_PRIVATE.found(bucket=name)
    for limit, expected in supabase_storage.LIMITS.items():
        if limit != "public" and limits[limit] != expected:
            yield BUCKET_UNLIMITED.found(bucket=name, name=limit, value=limits[limit], expected=expected)


def checks() -> list[Check]:
    return [
        Check("Supabase: address and publishable key", publishable_key),
        Check("Supabase: secret key", secret_key),
        Check("Supabase: signing keys", signing_keys),
        Check("Supabase: clock", clock),
        Check("Supabase: bucket of uploads", bucket),
    ]
