"""Django's settings, in one reading order: what we are, data, people, pages, words, safety."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF

from onex.config.env import ROOT, environment
from onex.config.settings.databases import databases
from onex.config.settings.files import storage

ENV = environment()
SOURCE = ROOT / "src" / "onex"

# --- what we are
DEBUG = ENV.debug
TESTING = ENV.testing
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = [*ENV.allowed_hosts, *(["testserver"] if TESTING else [])]
PUBLIC_URL = ENV.public_url
DATA_KEYS, INDEX_KEYS = ENV.data_keys, ENV.index_keys
SEAT_KEYS, SIGN_KEYS, AUDIT_KEYS = ENV.seat_keys, ENV.sign_keys, ENV.audit_keys
PRIVACY_REGISTER = ROOT / "privacy" / "fields.csv"

# The apps, lowest first: the order of the certification cycle (import-linter holds it).
ONEX_APPS = [
    "common", "examroom", "accounts", "integrations", "notices", "catalog", "pilots", "venues", "training", "courses",
    "bank",
    "registration", "sittings", "marking", "results", "certificates", "portal",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    *(f"onex.{app}" for app in ONEX_APPS if (SOURCE / app / "apps.py").exists()),
]
ROOT_URLCONF = "onex.config.urls"
WSGI_APPLICATION = "onex.config.wsgi.application"

# --- data
DATABASES = databases(ENV)
DATABASE_ROUTERS = ["onex.config.router.RoomRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"  # for packages' own tables; ours carry UUIDv7
MEDIA_ROOT = ENV.data / "files"
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
CLAMD, CLAMD_SECONDS = ENV.clamd, 10.0  # seconds that a page waits for the virus scanner; the sweep asks again
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
TASKS: dict[str, Any] = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend" if TESTING else "django_tasks_db.DatabaseBackend",
    }
}

# --- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = []  # ours are in accounts.rules.passwords, for every way to set one
PASSWORD_PROFILE = ENV.password_profile
CAPTCHA = ENV.captcha and not TESTING
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "portal:desk"
SECOND_FACTOR = ENV.second_factor
# (seconds without a click, seconds in all) after which one signs in again; who has only students' hats is a learner.
SESSION_LIMITS = {"staff": (30 * 60, 12 * 3600), "learner": (2 * 3600, 12 * 3600)}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # a school's machine has the next person before it in a minute
SESSION_COOKIE_AGE = 13 * 3600  # longer than any limit above, so that the limit ends a session and can say so
CSRF_FAILURE_VIEW = "onex.common.errors.csrf_failure"

# --- what leaves the platform
EMAIL_TIMEOUT = 20  # seconds: a mail server that hangs must not hold up the sweep
globals().update(ENV.email)  # EMAIL_BACKEND, EMAIL_HOST …
DEFAULT_FROM_EMAIL = ENV.mail_from
SMS_SENDER = "onex.common.post.MemorySms" if TESTING else ENV.sms_sender
WEBHOOKS_TO_LOOPBACK = DEBUG  # plain http to this machine itself, for whoever develops a receiver; never in service

# --- pages
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "onex.common.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "onex.accounts.middleware.ActorMiddleware",
    "onex.accounts.middleware.PasswordAgeMiddleware",
    "onex.common.pages.RefusedMiddleware",
    "onex.common.doors.DoorMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "onex.config.navigation.navigation",
                "onex.config.navigation.bell",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = ENV.data / "static"
STATICFILES_DIRS = [("site", ROOT / "frontend" / "dist" / "site")]
STORAGES = {
    "default": storage(ENV),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/site/assets/"  # hashed names: may be kept for ever
EXAM_SHELL = ROOT / "frontend" / "dist" / "exam"

# --- words
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [SOURCE / "items" / "locale", SOURCE / "config" / "locale"]  # of what is no installed app
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- safety
TRUSTED_PROXIES = ENV.trusted_proxies
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# Nothing inline, so neither nonces nor hashes are needed.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# What no page of ours uses, no page may use, not even one that somebody managed to write into.
PERMISSIONS_POLICY = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), fullscreen=(self), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
# Lax, not Strict: a link in an e-mail must find its reader signed in. No GET changes a row, so Lax gives nothing away.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True  # pages carry the token themselves
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENV.secure
SESSION_COOKIE_NAME = "__Host-onex" if ENV.secure else "onex"
CSRF_COOKIE_NAME = "__Host-onex-csrf" if ENV.secure else "csrftoken"
LANGUAGE_COOKIE_NAME = "__Host-onex-language" if ENV.secure else "django_language"
SECURE_HSTS_SECONDS = 31_536_000 if ENV.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV.secure
SECURE_SSL_REDIRECT = ENV.secure
# The balancer asks from inside, over plain http; the API answers it with a refusal, so that a program that sends its
# token in the clear is noticed instead of led on (common.doors).
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^api/"]
# Only a proxy of ours may say that a request came over https; without one, whoever sends the header says it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
AUDIT_YEARS, AUDIT_HEAD = ENV.audit_years, ENV.data / "audit-head.json"
EXPORT_REASON_ROWS = ENV.export_reason_rows
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    # One record is one line and tells nobody's number, whatever people put into names, addresses and notes.
    "formatters": {
        "line": {
            "()": "onex.common.logs.OneLine",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    "loggers": {
        # What people typed wrongly or may not do is answered to them in words; it is not the operator's news.
        "django.request": {"level": "ERROR"},
        # The head of the audit chain leaves the machine with the log, out of reach of whoever owns the database.
        "onex.audit": {"level": "INFO"},
    },
}
