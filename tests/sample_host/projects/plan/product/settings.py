"""Settings of the product. HOST_DATABASE_URL names its database."""

import os
from typing import Any

import dj_database_url
import pymysql

# PyMySQL reports the mysqlclient version that it imitates; older ones report too old a one.
pymysql.version_info = max(pymysql.version_info, (2, 2, 1, "final", 0))
pymysql.install_as_MySQLdb()

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(os.environ.get("HOST_DATABASE_URL", "sqlite:///host.sqlite3"))
}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"].setdefault("OPTIONS", {})["timeout"] = 30
if "mysql" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        charset="utf8mb4", sql_mode="STRICT_TRANS_TABLES"
    )
if "postgresql" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["TIME_ZONE"] = os.environ.get("HOST_TIME_ZONE")

USE_TZ = True
TIME_ZONE = "UTC"
SECRET_KEY = "of a product that only tests run"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
ROOT_URLCONF = "product.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
LOGIN_URL = "admin:login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "admin_modules.database_management",
    "admin_modules.system_backups",
    "admin_modules.reports",
]
MIDDLEWARE = [
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
