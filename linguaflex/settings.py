"""All settings, by topic, from environment variables (docs/SETTINGS.md).

LINGUAFLEX_ENV is ``local`` or ``production``. ``local`` is the default without configuration; it uses the
embedded PostgreSQL and the Supabase stand-in. ``production`` requires several variables (.env.example).
"""

from pathlib import Path
from typing import Any

from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured

from linguaflex import addresses, admin_settings, log_settings, logs, openapi_settings, supabase_project
from linguaflex import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_dotenv(BASE_DIR / ".env")

# ------------------------------------------------------------------------------- environment

_configured = [name for name in ("DATABASE_URL", "SUPABASE_URL") if env.text(name)]
LINGUAFLEX_ENV = env.choice(
    "LINGUAFLEX_ENV", ("local", "production"), "production" if _configured else "local"
)
LOCAL = LINGUAFLEX_ENV == "local"
if not LOCAL and len(_configured) < 2:
    # One without the other is an error, so that no command migrates the wrong database.
    _missing = {"DATABASE_URL", "SUPABASE_URL"} - set(_configured)
    raise ImproperlyConfigured(
        f"{' and '.join(sorted(_missing))} not set. Production needs DATABASE_URL, SUPABASE_URL and"
        " DJANGO_SECRET_KEY (see .env.example). To run everything on this machine, start manage.py without"
        " DATABASE_URL, SUPABASE_URL and LINGUAFLEX_ENV."
    )

DEBUG = env.flag("DEBUG")
SECRET_KEY = (
    env.text("DJANGO_SECRET_KEY", "local-only-" + "x" * 50)
    if LOCAL
    else env.required("DJANGO_SECRET_KEY", "the secret that signs sessions and cursors")
)
_data_dir = str(BASE_DIR / ".linguaflex")
LINGUAFLEX_DATA_DIR = env.folder("LINGUAFLEX_DATA_DIR", _data_dir) if LOCAL else Path(_data_dir)

# Where runserver and the stand-ins listen: on this machine only, or for the whole network.
LINGUAFLEX_HOST = env.choice("LINGUAFLEX_HOST", ("127.0.0.1", "0.0.0.0"), "127.0.0.1")
IN_NETWORK = LOCAL and LINGUAFLEX_HOST != "127.0.0.1"

# ---------------------------------------------------------------------------------- Supabase

_ports: dict[str, int] = {}
if LOCAL:
    from linguaflex.local import direct, ports

    direct.reach_this_machine()
    _ports = ports.running(LINGUAFLEX_DATA_DIR)
LINGUAFLEX_SUPABASE_PORT = env.number(
    "LINGUAFLEX_SUPABASE_PORT", _ports.get("LINGUAFLEX_SUPABASE_PORT", 54321), 1, 65535
)
LINGUAFLEX_SITE_URL = env.web_address("LINGUAFLEX_SITE_URL", "http://127.0.0.1:3000")
LINGUAFLEX_CONFIRM_EMAIL = env.flag("LINGUAFLEX_CONFIRM_EMAIL")
SUPABASE_URL = addresses.supabase_url(env.web_address("SUPABASE_URL"))
SUPABASE_STAND_IN = LOCAL and not SUPABASE_URL
if SUPABASE_STAND_IN:
    from standins.supabase import key_file

    SUPABASE_URL = f"http://127.0.0.1:{LINGUAFLEX_SUPABASE_PORT}"
    try:
        SUPABASE_KEYS = key_file.load_or_create(LINGUAFLEX_DATA_DIR)
    except key_file.InvalidKeyFile as error:
        raise ImproperlyConfigured(str(error)) from None
    SUPABASE_PUBLISHABLE_KEY = SUPABASE_KEYS.publishable_key
    SUPABASE_SECRET_KEY = SUPABASE_KEYS.secret_key
else:
    SUPABASE_PUBLISHABLE_KEY = env.text("SUPABASE_PUBLISHABLE_KEY") or env.required(
        "SUPABASE_ANON_KEY",
        "the project's public API key; SUPABASE_PUBLISHABLE_KEY is its newer name",
    )
    SUPABASE_SECRET_KEY = env.text("SUPABASE_SECRET_KEY") or env.required(
        "SUPABASE_SERVICE_ROLE_KEY",
        "the project's secret API key; SUPABASE_SECRET_KEY is its newer name",
    )
    supabase_project.check_keys(SUPABASE_URL)
SUPABASE_JWT_ISSUER = addresses.jwt_issuer(
    env.web_address("SUPABASE_JWT_ISSUER", f"{SUPABASE_URL}/auth/v1"), SUPABASE_URL
)
SUPABASE_JWT_SECRET = env.text("SUPABASE_JWT_SECRET")
# Asymmetric algorithms of hosted Supabase; the legacy shared secret adds HS256.
SUPABASE_JWT_ALGORITHMS = ["ES256", "RS256"] + (["HS256"] if SUPABASE_JWT_SECRET else [])
SUPABASE_TOKEN_MEMORY = env.number("SUPABASE_TOKEN_MEMORY", 10_000)  # verified tokens in each process

# ------------------------------------------------------------------------------------ OpenAI

LINGUAFLEX_OPENAI_PORT = env.number(
    "LINGUAFLEX_OPENAI_PORT", _ports.get("LINGUAFLEX_OPENAI_PORT", 54322), 1, 65535
)
OPENAI_SIMULATOR = env.flag("LINGUAFLEX_OPENAI_SIMULATOR")
OPENAI_API_KEY = env.text("OPENAI_API_KEY")
OPENAI_BASE_URL = addresses.openai_base_url(env.web_address("OPENAI_BASE_URL", "https://api.openai.com/v1"))
if OPENAI_SIMULATOR:
    OPENAI_API_KEY = "sk-of-the-simulator"
    OPENAI_BASE_URL = addresses.openai_simulator(LINGUAFLEX_OPENAI_PORT, local=LOCAL)
# OpenAI renames models and removes old names: developers.openai.com/api/docs/deprecations
OPENAI_REALTIME_MODEL = env.text("OPENAI_REALTIME_MODEL", "gpt-realtime-2.1")
# In order of preference. OpenAI documents the first for WebRTC and the second for WebSockets, and shuts the
# third down on 2027-02-26: developers.openai.com/api/docs/guides/realtime-transcription
OPENAI_TRANSCRIPTION_MODELS = env.names(
    "OPENAI_TRANSCRIPTION_MODEL", ["gpt-live-transcribe", "gpt-transcribe", "gpt-4o-transcribe"]
)
OPENAI_FEEDBACK_MODEL = env.text("OPENAI_FEEDBACK_MODEL", "gpt-6.1-terra")
_efforts = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
OPENAI_FEEDBACK_EFFORT = env.choice("OPENAI_FEEDBACK_EFFORT", _efforts, "low")
OPENAI_FEEDBACK_VERBOSITY = env.choice("OPENAI_FEEDBACK_VERBOSITY", ("low", "medium", "high"), "low")
# Limits per user: sessions started in the last hour, minutes charged or reserved in the last 24 hours, and
# minutes that a session may reserve.
VOICE_SESSIONS_PER_HOUR = env.number("VOICE_SESSIONS_PER_HOUR", 20, 1)
VOICE_MINUTES_PER_DAY = env.number("VOICE_MINUTES_PER_DAY", 120, 1)
VOICE_MINUTES_PER_SESSION = env.number("VOICE_MINUTES_PER_SESSION", 30, 1, 60)  # OpenAI ends a call after 60
# With a client secret, a browser opens any number of calls, which the server cannot end.
VOICE_CLIENT_SECRETS = env.flag("VOICE_CLIENT_SECRETS")

# What the rows of an account may take, in bytes; 0 means no limit.
STORAGE_BYTES_PER_USER = env.number("STORAGE_BYTES_PER_USER", 200_000_000, maximum=2**63 - 1)

# ---------------------------------------------------------------------------------- database

DATABASES: dict[str, dict[str, Any]]
if env.text("DATABASE_URL"):
    DATABASES = {"default": env.database("DATABASE_URL")}
    supabase_project.check_database(DATABASES["default"], SUPABASE_URL)
    if DATABASES["default"].get("PORT") == 6543:
        # A transaction-mode pooler gives each transaction a different server connection.
        DATABASES["default"].update(CONN_MAX_AGE=0, DISABLE_SERVER_SIDE_CURSORS=True)
    else:
        DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
else:
    DATABASES = {"default": {"ENGINE": "standins.postgres", "NAME": "postgres"}}
    DATABASES["default"]["DATA_DIR"] = LINGUAFLEX_DATA_DIR / "postgres"
    DATABASES["default"]["PROGRAMS_DIR"] = env.optional_path("LINGUAFLEX_POSTGRES_BIN")
if SUPABASE_STAND_IN and not env.is_on_this_machine(DATABASES["default"]):
    raise ImproperlyConfigured(
        "SUPABASE_URL is not set, and DATABASE_URL is on another machine: the local stand-in of Supabase"
        " would create its schemas and demo users there. Set SUPABASE_URL too, or unset DATABASE_URL."
    )
DATABASE_TIMEOUT = env.number("DATABASE_TIMEOUT", 8, 1, 3600)  # seconds that a request waits for an answer
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Background jobs are rows, queued in the transaction that needs them. db_worker runs them.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "calls"]}}

# -------------------------------------------------------------------------------------- apps

INSTALLED_APPS = [
    *(["linguaflex.local"] if LOCAL else []),
    "accounts",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "linguaflex.operations",
    "django_tasks_db",
]
MIDDLEWARE = [
    "linguaflex.operations.middleware.RequestMiddleware",
    "linguaflex.response_headers.ResponseHeadersMiddleware",
    "linguaflex.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "linguaflex.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",  # it sets Content-Length: bodies change inside of it only
    "linguaflex.middleware.BodyLengthMiddleware",
    *(["linguaflex.local.network.AddressMiddleware"] if IN_NETWORK else []),
    "linguaflex.middleware.CsrfViewMiddleware",
    "linguaflex.middleware.AuthenticationMiddleware",
    "linguaflex.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if SUPABASE_STAND_IN or IN_NETWORK:  # other machines do not reach the admin
    _place = MIDDLEWARE.index("linguaflex.middleware.SessionMiddleware")
    MIDDLEWARE[_place] = "linguaflex.local.staff_access.SessionMiddleware"
ROOT_URLCONF = "linguaflex.urls"
WSGI_APPLICATION = "linguaflex.wsgi.application"
ASGI_APPLICATION = "linguaflex.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_USER_MODEL = "accounts.User"
# Only the admin uses Django sessions. The API authenticates access tokens.
AUTHENTICATION_BACKENDS = ["accounts.admin.auth_backend.StaffBackend"]
SESSION_COOKIE_AGE = 12 * 3600  # a working day
UNFOLD = admin_settings.UNFOLD
CSRF_FAILURE_VIEW = "linguaflex.error_pages.expired_form"
# auth.W004: USERNAME_FIELD is unique among staff only, because two accounts may have the same address.
# security.W003: CsrfViewMiddleware is a subclass of Django's, for the admin, which alone has forms.
SILENCED_SYSTEM_CHECKS = ["auth.W004", "security.W003"]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
STATIC_URL = "/static/"
# Production collects static files. The local default serves them from the packages.
STATIC_ROOT = None if LOCAL else BASE_DIR / "static"
WHITENOISE_USE_FINDERS = LOCAL
# A redirect would turn a POST without a trailing slash into a GET without a body. A 404 names the slash.
APPEND_SLASH = False

# --------------------------------------------------------------------------------------- API

TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0, 0, 10)
PUBLIC_MARKETPLACE = env.flag("PUBLIC_MARKETPLACE")  # reads of teachers and gigs without a token
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.rest.authentication.SupabaseJWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["accounts.rest.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "accounts.rest.negotiation.PlainBodyNegotiation",
    "DEFAULT_RENDERER_CLASSES": ["accounts.rest.renderers.FastJSONRenderer"],
    "URL_FORMAT_OVERRIDE": None,  # ?format= is ignored, like every unknown parameter
    "DEFAULT_PAGINATION_CLASS": "accounts.rest.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["accounts.filters.backend.NamedFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "accounts.rest.openapi_operations.OperationSchema",
    "DEFAULT_THROTTLE_CLASSES": ["accounts.rest.throttles.ScopedThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "registration": env.rate("THROTTLE_REGISTRATION", "600/min" if LOCAL else "20/hour"),
        "login": env.rate("THROTTLE_LOGIN", "600/min" if LOCAL else "30/min"),
        "mail": env.rate("THROTTLE_MAIL", "600/min" if LOCAL else "10/hour"),
        "chats": env.rate("THROTTLE_CHATS", "600/min" if LOCAL else "60/hour"),
        "messages": env.rate("THROTTLE_MESSAGES", "600/min"),
        "reviews": env.rate("THROTTLE_REVIEWS", "600/min" if LOCAL else "10000/day"),
        "marketplace": env.rate("THROTTLE_MARKETPLACE", "600/min" if LOCAL else "60/min"),
        "feedback": env.rate("THROTTLE_FEEDBACK", "600/min" if LOCAL else "30/hour"),
        "voice": env.rate("THROTTLE_VOICE", "600/min" if LOCAL else "10/min"),
        "voice_events": env.rate("THROTTLE_VOICE_EVENTS", "600/min"),
        "reports": env.rate("THROTTLE_REPORTS", "600/min" if LOCAL else "20/hour"),
        "pictures": env.rate("THROTTLE_PICTURES", "600/min" if LOCAL else "20/hour"),
    },
    "EXCEPTION_HANDLER": "accounts.rest.exception_handler.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = openapi_settings.SPECTACULAR
CORS_ALLOWED_ORIGINS = env.origins("CORS_ALLOWED_ORIGINS")
if LOCAL and not CORS_ALLOWED_ORIGINS:
    _of_network = [addresses.PRIVATE_ORIGIN] if IN_NETWORK else []
    CORS_ALLOWED_ORIGIN_REGEXES = [addresses.LOCAL_ORIGIN, *_of_network]
CORS_ALLOW_HEADERS = [*default_headers, "prefer"]
CORS_EXPOSE_HEADERS = [
    *("Link", "X-Total-Count", "Preference-Applied", "Retry-After", "WWW-Authenticate", "X-Request-ID"),
]

# ---------------------------------------------------------------------------------- security

_hosts = ["localhost", "127.0.0.1", "[::1]"] if LOCAL else []
# Every IPv4 address: browsers take a host with a number at its end for an address, never for a name that a
# stranger's DNS server may point here (url.spec.whatwg.org, "ends in a number checker").
_hosts += [f".{number}" for number in range(256)] if IN_NETWORK else []
ALLOWED_HOSTS = env.host_names("ALLOWED_HOSTS", _hosts)
X_FRAME_OPTIONS = "DENY"
if IN_NETWORK:
    SECURE_CROSS_ORIGIN_OPENER_POLICY = None  # browsers report it as an error over plain HTTP
if not LOCAL:
    SECURE_SSL_REDIRECT = True
    # Load balancers request these inside the private network, over plain HTTP.
    SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^health/worker/$", r"^metrics/$", r"^ready/$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    if TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ----------------------------------------------------------------------------------- logging

LOG_FORMAT = env.choice("LOG_FORMAT", log_settings.FORMATS, "text" if LOCAL else "json")
LOGGING = log_settings.logging_of(LOG_FORMAT)
METRICS_TOKEN = env.token("METRICS_TOKEN")
if SENTRY_DSN := env.sentry_dsn("SENTRY_DSN"):
    logs.report_to_sentry(SENTRY_DSN)
