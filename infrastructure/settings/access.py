"""Settings of accounts: tokens, failed logins, sessions, proxies."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network

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

LOGIN_FAILURES = _whole("LOGIN_FAILURES", 5, least=1)
"""Wrong passwords of one account from one address, until both must wait."""

LOGIN_PERIOD = _whole("LOGIN_PERIOD_SECONDS", 900, least=1)
"""Seconds for which failed logins are counted together, and for which a lock-out lasts."""

SESSION_IDLE_SECONDS = _whole("SESSION_IDLE_SECONDS", 3600, least=1)
"""Seconds after which a session ends that is not used."""

SESSION_ENGINE = "api.access.sessions"
SESSION_COOKIE_AGE = 86_400
AUTHENTICATION_BACKENDS = ["api.access.backend.LimitedBackend"]


def _proxies(text: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES cannot be read: {error}. It should name addresses or networks, such "
            "as 127.0.0.1,10.0.0.0/8."
        ) from error


TRUSTED_PROXIES = _proxies(os.environ.get("TRUSTED_PROXIES", ""))
"""The proxies whose `X-Forwarded-For` is believed."""

REQUESTS_PER_MINUTE = _whole("REQUESTS_PER_MINUTE", 0)
"""Requests that an account may send to a process of the server in a minute; 0: no limit."""

STRANGER_REQUESTS_PER_MINUTE = _whole("STRANGER_REQUESTS_PER_MINUTE", 600)
"""The same for an address without an account, such as one that sends wrong tokens."""
