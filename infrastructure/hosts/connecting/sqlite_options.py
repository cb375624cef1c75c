"""The options that a SQLite URL may have."""

from typing import Any

from infrastructure.hosts.connecting.errors import BadSourceUrl
from infrastructure.hosts.connecting.options import refuse_unknown_options, seconds, truth

KNOWN = ("timeout", "mode", "immutable")


def sqlite_options(given: dict[str, str]) -> dict[str, Any]:
    """`timeout` in seconds; `immutable`; `mode`, which can only be read only."""
    refuse_unknown_options(given, KNOWN)
    if given.get("mode", "ro") != "ro":
        raise BadSourceUrl("the option mode has to be ro: a host is only read")
    options: dict[str, Any] = {}
    if "timeout" in given:
        options["timeout"] = seconds("timeout", given["timeout"])
    if "immutable" in given:
        options["immutable"] = truth("immutable", given["immutable"])
    return options
