"""The service's own database, from `DATABASE_URL`."""

import os
from pathlib import Path
from typing import Any

from infrastructure.databases.own_settings import database_settings

DEFAULT_FILE = Path(__file__).resolve().parent.parent.parent / "var" / "restorelog.sqlite3"


def from_environment() -> dict[str, dict[str, Any]]:
    """`DATABASES`. Creates the folder of the default file if it does not exist."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        DEFAULT_FILE.parent.mkdir(exist_ok=True)
        url = f"sqlite:///{DEFAULT_FILE}"
    return {"default": database_settings(url)}


DATABASES = from_environment()
