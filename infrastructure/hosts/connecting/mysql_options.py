"""The options that a MySQL URL may have, in the spelling of MySQL's clients or of PyMySQL."""

from typing import Any

from infrastructure.hosts.connecting.errors import BadSourceUrl
from infrastructure.hosts.connecting.options import (
    refuse_other_charset,
    refuse_unknown_options,
    seconds,
)
from infrastructure.hosts.connecting.tls import SSL, asked_tls

SYNONYMS = {
    "socket": "unix_socket",
    "sslmode": "ssl_mode",
    "ssl_verify_server_cert": "ssl_verify_identity",
}
TIMES = ("connect_timeout", "read_timeout", "write_timeout")
PLAIN = ("unix_socket", "bind_address", "program_name", "read_default_file", "read_default_group")
KNOWN = frozenset({*PLAIN, *TIMES, *SSL, "charset", "init_command"})


def mysql_options(given: dict[str, str]) -> dict[str, Any]:
    """PyMySQL's parameters; under `tls`, how the connection is to be encrypted."""
    named = {_name(name): value for name, value in given.items()}
    refuse_unknown_options([name for name in given if _name(name) not in KNOWN], ())
    if len(named) < len(given):
        raise BadSourceUrl("it has one option in two spellings")
    if "charset" in named:
        refuse_other_charset("charset", named["charset"])
    options: dict[str, Any] = {name: named[name] for name in PLAIN if name in named}
    options |= {name: seconds(name, named[name]) for name in TIMES if name in named}
    if "init_command" in named:
        options["init_command"] = _only_sets(named["init_command"])
    options["tls"] = asked_tls({name: named[name] for name in SSL if name in named})
    return options


def _name(name: str) -> str:
    plain = name.replace("-", "_")
    return SYNONYMS.get(plain, plain)


def _only_sets(command: str) -> str:
    if ";" in command or not command.lstrip().upper().startswith("SET "):
        raise BadSourceUrl("the option init_command has to be one SET: a host is only read")
    return command
