"""Settings of the sample host, a product of its own; everything comes from the environment.

SAMPLE_HOST_DATABASE_URL   its database
SAMPLE_HOST_VARIANT        standard (the plan's models), origin (those of the product behind the
                           plan), bare (the fewest columns) or strange
SAMPLE_HOST_TIME_ZONE      set: USE_TZ is off and naive times of this zone are stored
SAMPLE_HOST_MIGRATIONS     folders with further migrations (see `further_migrations`)
SAMPLE_HOST_DEBUG          1 when its admin is served on a developer's machine
"""

import os
from typing import Any

import dj_database_url
import pymysql
from django.core.management.utils import get_random_secret_key

# PyMySQL reports the mysqlclient version that it imitates; older ones report too old a one.
pymysql.version_info = max(pymysql.version_info, (2, 2, 1, "final", 0))
pymysql.install_as_MySQLdb()

VARIANT = os.environ.get("SAMPLE_HOST_VARIANT", "standard")
LOCAL_ZONE = os.environ.get("SAMPLE_HOST_TIME_ZONE")
DEBUG = os.environ.get("SAMPLE_HOST_DEBUG") == "1"

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(os.environ["SAMPLE_HOST_DATABASE_URL"])
}
if "mysql" in DATABASES["default"]["ENGINE"]:
    # Zero dates get into real products because their servers' mode lets them.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        charset="utf8mb4", sql_mode="STRICT_TRANS_TABLES"
    )
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"].setdefault("OPTIONS", {})["timeout"] = 30

USE_TZ = LOCAL_ZONE is None
TIME_ZONE = LOCAL_ZONE or "UTC"
SECRET_KEY = get_random_secret_key()
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "tests.sample_host.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
LOGIN_URL = "admin:login"

_APPS = f"tests.sample_host.{VARIANT}"
_USERS = {"strange": ("people", "Person"), "origin": ("users", "User")}
INSTALLED_APPS = [
    *([f"{_APPS}.{_USERS[VARIANT][0]}"] if VARIANT in _USERS else []),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    f"{_APPS}.database_management",
    f"{_APPS}.system_backups",
    "tests.sample_host.reports",
]
if VARIANT in _USERS:
    AUTH_USER_MODEL = ".".join(_USERS[VARIANT])

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
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
            ]
        },
    }
]
