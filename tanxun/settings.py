"""Settings of the site: one file, driven by the environment (the names stand in the README's table)."""

import os
import re
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from tanxun.databases import database
from tanxun.site import sso

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
DEBUG = env.bool("DEBUG", default=False)
PORT = env.int("PORT", default=8000)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
IS_HTTPS = SITE_URL.startswith("https://")
PUBLIC_READ = env.bool("PUBLIC_READ", default=False)
FOUR_EYES = env.bool("FOUR_EYES", default=False)  # whether what one person changes waits until a second one approved it
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
SITE_HOST = SITE_URL.split("://", 1)[-1].split("/")[0].rsplit(":", 1)[0]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", SITE_HOST])


def secret_key() -> str:
    """SECRET_KEY, else the one kept in DATA_DIR, which the first command makes (mode 600).

    Where the folder cannot be written the key lasts for this process only; `start` refuses such a folder itself.
    A server that loads `wsgi.py` never makes one: a key that changes at each start would sign everybody out.
    """
    if given := env.str("SECRET_KEY", default=""):
        return given
    path = DATA_DIR / "secret_key"
    try:
        if not path.exists() or not path.stat().st_size:  # made by a command that ended before it wrote
            if env.bool("TANXUN_SERVING", default=False):
                raise ImproperlyConfigured(f"No SECRET_KEY and no {path}: set it, or run any manage.py command once.")
            DATA_DIR.mkdir(parents=True, exist_ok=True)
            new = path.with_name(f".secret_key.{os.getpid()}")
            new.touch(mode=0o600)
            new.write_text(secrets.token_urlsafe(50))
            os.replace(new, path)
        return path.read_text().strip()
    except OSError:
        return secrets.token_urlsafe(50)


SECRET_KEY = secret_key()
SECRET_KEY_FALLBACKS = [key for key in map(str.strip, env.list("SECRET_KEY_FALLBACKS", default=[])) if key]  # those before it

INSTALLED_APPS = [
    "tanxun.site",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "django_tables2",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "simple_history",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "tanxun.jobs",
    "tanxun.regions",
    "tanxun.search",
    "tanxun.records",
    "tanxun.listing",
    "policies",
    "certifications",
    "tanxun.digest",
    "tanxun.alerts",
]

MIDDLEWARE = [
    "tanxun.site.middleware.TrustedProxyMiddleware",
    "tanxun.site.tracing.RequestIdMiddleware",
    # What every answer carries, files of the site included: before SecurityMiddleware, which answers itself who comes by http.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tanxun.site.middleware.NoDetourMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tanxun.site.middleware.SmallPagesMiddleware",
    "tanxun.site.again.TryAgainMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tanxun.site.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tanxun.site.sessions.TimedAuthenticationMiddleware",
    "tanxun.site.signed_out.KeepTypedMiddleware",
    "tanxun.site.middleware.LongPasswordsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tanxun.site.middleware.PrivateCacheMiddleware",
    "axes.middleware.AxesMiddleware",
    "tanxun.site.middleware.KnownVerbsMiddleware",
    "tanxun.site.four_eyes.proposing.FourEyesMiddleware",  # the last: it calls the view itself
]

ROOT_URLCONF = "tanxun.urls"
WSGI_APPLICATION = "tanxun.wsgi.application"
LIST_PAGES = "tanxun.urls.PAGES"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tanxun.site.context.site",
            ],
        },
    },
]

DATABASES = {"default": database(env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'tanxun.sqlite3'}")}

REPLICA_LAG_SECONDS = env.int("REPLICA_LAG_SECONDS", default=10)  # a replica further behind is not read from
# Standbys that lists, details and files are read from. A URL may name several hosts, so a comma alone does not part two.
REPLICAS = list(filter(None, re.split(r"\s*,\s*(?=\w+://)|\s+", env.str("DATABASE_REPLICA_URL", default="").strip())))
if REPLICAS:
    if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        raise ImproperlyConfigured("DATABASE_REPLICA_URL needs a PostgreSQL server in DATABASE_URL.")
    for number, url in enumerate(REPLICAS, 1):
        # Each request asks the replica how far it is before it reads there: that is the health check.
        replica = database(url, "standby") | {"CONN_HEALTH_CHECKS": False, "TEST": {"MIRROR": "default"}}
        DATABASES[f"replica{number}"] = replica
    DATABASE_ROUTERS = ["tanxun.replicas.ReplicaRouter"]
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware"), "tanxun.replicas.ReplicaMiddleware"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "site.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS += [{"NAME": "tanxun.site.passwords.NotOurWordsValidator"}]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "tanxun.site.visitors.counted_by"
AXES_LOCKOUT_TEMPLATE = "site/locked_out.html"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who is turned away writes nothing and makes it no longer
AXES_ENABLE_ADMIN = False

# Second factors and sign-in by the company's own OpenID Connect server: parts of the extra `sso`, none of which is loaded else.
SECOND_FACTOR_FOR = env.list("SECOND_FACTOR_FOR", default=[])  # roles that get nowhere without: editor, manager, superuser …
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=False) or bool(SECOND_FACTOR_FOR)
SSO_URL = env.str("SSO_URL", default="").rstrip("/")
SSO_NAME = env.str("SSO_NAME", default="")
SSO_NEWCOMERS = env.str("SSO_NEWCOMERS", default="")  # the role of who has no account here: reader, consultant; none: turned away
SSO_MATCH_EMAIL = env.bool("SSO_MATCH_EMAIL", default=False)
if SECOND_FACTOR or SSO_URL:
    vars().update(sso.settings(env, INSTALLED_APPS, MIDDLEWARE))

# In each process, some tens of MB: counts of lists and fields of their forms, each kept by what it is made of.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 1_000}}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
JOB_LEASE_SECONDS = 30  # a job whose worker is silent for so long goes to another
# What every worker does once a minute beside the queue: f(go_on) -> None, safe to run many times at once.
WORKER_DUTIES = [
    "tanxun.digest.feeds.daily.read_due",
    "tanxun.alerts.duties.run",
    "tanxun.records.attachments.keeping.daily",
    "tanxun.listing.exports.remove_old",
    "certifications.sheets.leftovers.remove",
]

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="zh-hans")
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
FORMAT_MODULE_PATH = "tanxun.formats"
LOCALE_PATHS = [BASE_DIR / "tanxun" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "tanxun" / "static"]
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("gif", "gz", "jpg", "map", "png", "webp", "woff", "woff2", "zip")
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Every page asks by the name that has the sum of the contents; to compress each file under two names takes twice as long.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Nothing may turn a form of the review desk away before its own limit of 1 MB names itself.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# A company of 2,000 products sends 8,000 fields, a policy of 200 targets and as many incentives some thousands.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# What a token may ask of each process of the server: so many at once, then so many a minute.
API_BURST, API_REQUESTS_PER_MINUTE = 60, env.int("API_REQUESTS_PER_MINUTE", default=300)
SPECTACULAR_SETTINGS = {
    "TITLE": "Tanxun 碳讯",
    "DESCRIPTION": _(
        "Everything that the lists show, to be read by programs: the same filters, the same refusals, the same rows. Each "
        "request needs a token (Authorization: Bearer …). Words are in the language of Accept-Language; what is not stated "
        "is null; numbers with places after the point are exact and so texts. All rows at once: /statements.jsonl and its like, "
        "for managers."
    ),
    "VERSION": "1",
    "SERVERS": [{"url": "/"}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "DISABLE_ERRORS_AND_WARNINGS": False,
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # the schema names today's choices, and a check has no database; the suite looks at it
    "APPEND_COMPONENTS": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
}

# Receivers of hooks and sources of feeds inside the own network that may be asked nevertheless: `host`, or `host:port`.
OUTGOING_HOSTS = env.list("OUTGOING_HOSTS", default=[])
FEED_FETCH = env.bool("FEED_FETCH", default=False)  # whether addresses of feeds are asked at all

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
PASSWORD_RESET_TIMEOUT = 4 * 3600
EMAIL_TIMEOUT = 120  # a server may take its time; who hangs up too early sends twice
ALARM_TO = env.list("ALARM_TO", default=[])  # who is told by mail where the nightly backup or check failed
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default=f"Tanxun <tanxun@{SITE_HOST}>")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "object-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = env.int("SESSION_DAYS", default=14) * 24 * 3600
SESSION_IDLE_HOURS = env.int("SESSION_IDLE_HOURS", default=72)  # over a weekend
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "tanxun.site.passing.Messages"
CSRF_FAILURE_VIEW = "tanxun.site.views.csrf_failure"
if IS_HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken", "__Host-language"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # asked by the machine itself, without TLS
    SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD = 31536000, True, True
    CSRF_TRUSTED_ORIGINS = [SITE_URL]
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DJANGO_TABLES2_TABLE_ATTRS = {"class": "list"}
SIMPLE_HISTORY_REVERT_DISABLED = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_keys": {"()": "tanxun.listing.secrecy.HideKeys"}, "asked_by": {"()": "tanxun.site.tracing.TellRequest"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s%(asked_by)s %(message)s", "datefmt": "%Y-%m-%dT%H:%M:%S%z"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_keys", "asked_by"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.security.DisallowedHost": {"level": "ERROR"}, "axes": {"level": "WARNING"}},
}
