"""The options that a PostgreSQL URL may have: libpq's, and a schema."""

import re
import shlex
from typing import Any

from infrastructure.hosts.connecting.errors import BadSourceUrl
from infrastructure.hosts.connecting.options import refuse_other_charset, refuse_unknown_options

SCHEMA = "currentSchema"
LIBPQ = frozenset({
    "application_name", "channel_binding", "client_encoding", "connect_timeout",
    "fallback_application_name", "gssdelegation", "gssencmode", "gsslib", "host", "hostaddr",
    "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname",
    "load_balance_hosts", "max_protocol_version", "min_protocol_version", "options", "passfile",
    "password", "port", "require_auth", "requirepeer", "ssl_max_protocol_version",
    "ssl_min_protocol_version", "sslcert", "sslcertmode", "sslcompression", "sslcrl", "sslcrldir",
    "sslkey", "sslmode", "sslnegotiation", "sslpassword", "sslrootcert", "sslsni",
    "target_session_attrs", "tcp_user_timeout", "user",
})  # fmt: skip
"""https://www.postgresql.org/docs/current/libpq-connect.html, but for what changes the protocol
(`replication`), names the database again (`dbname`, `service`) or takes secrets of other kinds."""
DIRECT = {"host": "server", "user": "user", "password": "password"}
SETTINGS = "settings"

_SETTING = re.compile(r"(?:-c\s*|--)([A-Za-z_][\w.-]*)=(.*)", re.DOTALL)


def postgresql_options(given: dict[str, str]) -> dict[str, Any]:
    """libpq's parameters; under `settings`, the settings of the session."""
    refuse_unknown_options(given, {*LIBPQ, SCHEMA})
    options: dict[str, Any] = dict(given)
    if "client_encoding" in options:
        refuse_other_charset("client_encoding", options.pop("client_encoding"))
    for theirs, ours in DIRECT.items():
        if theirs in options:
            options[ours] = options.pop(theirs)
    if "port" in options:
        options["port"] = _port(options["port"])
    settings = _settings(options.pop("options", ""))
    schema = options.pop(SCHEMA, None)
    if schema is not None:
        if "search_path" in settings:
            raise BadSourceUrl(f"{SCHEMA} and search_path both name a schema")
        settings["search_path"] = schema
    if settings.get("search_path", "set").strip() == "":
        raise BadSourceUrl("the schema that it names is empty")
    return {**options, SETTINGS: settings} if settings else options


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) < 2**16:
        return int(text)
    raise BadSourceUrl("the option port is not a number from 0 to 65535")


def _settings(options: str) -> dict[str, str]:
    """The settings in `options`, after `-c` or with two dashes before the name; set once connected.

    If they were sent with the connection, a pooler might silently drop them.
    """
    settings: dict[str, str] = {}
    try:
        words = shlex.split(options)
    except ValueError:
        raise BadSourceUrl("the option options cannot be parsed") from None
    while words:
        word = words.pop(0)
        if word == "-c" and words:
            word += words.pop(0)
        found = _SETTING.fullmatch(word)
        if found is None:
            raise BadSourceUrl("the option options has to be of the form -c name=value")
        settings[found[1].replace("-", "_")] = found[2]
    return settings
