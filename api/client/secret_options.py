"""Programs with a short option for a secret, which its name does not give away."""

from __future__ import annotations

import re
from typing import NamedTuple


class SecretOption(NamedTuple):
    """The secret is attached to the option or, with `next_word`, may be the word after it.

    With a `mark`, it is what follows the mark: `-u ada:secret`.
    """

    programs: str
    options: tuple[str, ...]
    next_word: bool = True
    mark: str = ""

    def of(self, program: str) -> bool:
        return re.fullmatch(self.programs, program) is not None


OPTIONS = (
    SecretOption(
        r"(?:mysql|mariadb)[\w-]{0,20}|mariabackup|xtrabackup|innobackupex|7z[arz]?",
        ("-p",),
        next_word=False,
    ),
    SecretOption(r"mydumper|myloader|mongo\w{0,10}|sshpass|cypher-shell|docker|podman", ("-p",)),
    SecretOption(r"redis-cli|valkey-cli", ("-a",)),
    SecretOption(r"ldap\w{1,10}", ("-w",)),
    SecretOption(r"sqlcmd|bcp|isql|tsql|unzip|zip", ("-P",)),
    SecretOption(r"openssl", ("-k", "-K")),
    SecretOption(r"curl", ("-u", "-U", "--user", "--proxy-user"), mark=":"),
    SecretOption(r"lftp", ("-u", "--user"), mark=","),
    SecretOption(r"smb\w{1,10}|rpcclient", ("-U",), mark="%"),
    SecretOption(r"sqlplus|rman|impdp|expdp|imp|exp|sqlldr", ("",), mark="/"),
)
PROMPTING = re.compile(r"(?:pg_\w+|psql|createdb|dropdb|createuser|dropuser|vacuumdb|reindexdb)$")
"""Programs whose `--password` takes no value: it makes them ask."""


def is_program(name: str) -> bool:
    """Whether something is known about a program of this name."""
    return bool(PROMPTING.match(name)) or any(option.of(name) for option in OPTIONS)
