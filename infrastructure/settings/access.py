"""Settings of accounts: how long tokens are valid."""

import os

from django.core.exceptions import ImproperlyConfigured


def _whole(name: str, default: int, least: int = 0) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or int(text) < least:
        raise ImproperlyConfigured(
            f"{name} is {text!r}, which is not a whole number of {least} or more."
        )
    return int(text)


TOKEN_DAYS = _whole("TOKEN_DAYS", 365)
"""Days until a new token expires, if nothing else is asked for; 0: never."""
