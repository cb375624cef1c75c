"""Django's settings, read from the environment: see docs/reference/settings.md.

Without `DEBUG=1` these are production settings, which need a secret key and allowed hosts.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from infrastructure.settings.access import *  # noqa: F403
from infrastructure.settings.database import DATABASES as DATABASES
from infrastructure.settings.log import *  # noqa: F403
from infrastructure.settings.rest import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def _flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


DEBUG = _flag("DEBUG")
SECRET_KEY = os.environ.get("SECRET_KEY", "")
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]
if DEBUG:
    SECRET_KEY = SECRET_KEY or "only-for-trying-it-out-never-for-production-0123456789"
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]", "testserver"]
elif not SECRET_KEY or not ALLOWED_HOSTS:
    missing = "SECRET_KEY" if not SECRET_KEY else "ALLOWED_HOSTS"
    raise ImproperlyConfigured(
        f"{missing} is not set. Production needs SECRET_KEY and ALLOWED_HOSTS; "
        "to try the service out, set DEBUG=1."
    )

if not (DEBUG or HEAD_FILE or HEAD_FILE_NOT_NEEDED):  # noqa: F405
    raise ImproperlyConfigured(
        "HEAD_FILE is not set. Production needs a file outside of the database that keeps the "
        "log's last head. Without it, the service does not notice if the log loses its end. To "
        "run without the file anyway, set ALLOW_NO_HEAD_FILE=1."
    )

SOURCE_DATABASE_URL = os.environ.get("SOURCE_DATABASE_URL", "")
SOURCE_TIME_ZONE = os.environ.get("SOURCE_TIME_ZONE", "") or None

SIGNING_KEY_FILE = os.environ.get("SIGNING_KEY_FILE", "")
# For trying the service out: without a key, one is created at its first use.
SIGNING_KEY_IS_OURS = DEBUG and not SIGNING_KEY_FILE
if SIGNING_KEY_IS_OURS:
    SIGNING_KEY_FILE = str(BASE_DIR / "var" / "signing-key.pem")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "infrastructure.event_store",
    "infrastructure.hosts",
    "infrastructure.running",
    "infrastructure.maintenance",
    "projections.engine",
    "projections.database_management",
    "projections.system_backups",
    "projections.row_versions",
    "projections.statistics",
    "projections.verification",
    "projections.consolidation",
    "api",
]

MIDDLEWARE = [
    *REST_MIDDLEWARE,  # noqa: F405
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "api.access.sessions.KeepSessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "api.operations.warnings.log_warning",
            ],
        },
    },
]

ROOT_URLCONF = "api.urls"
ASGI_APPLICATION = "infrastructure.asgi.application"
WSGI_APPLICATION = "infrastructure.wsgi.application"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
# The operator's zone. Django replaces TZ with TIME_ZONE once it has read the settings.
SHELL_TIME_ZONE = os.environ.get("TZ", "")
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "infrastructure.settings.formats"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

if not DEBUG:
    SECURE_SSL_REDIRECT = not _flag("ALLOW_PLAIN_HTTP")
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = not _flag("ALLOW_PLAIN_HTTP")
    CSRF_COOKIE_SECURE = not _flag("ALLOW_PLAIN_HTTP")
