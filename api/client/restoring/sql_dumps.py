"""Reads dumps that are SQL text, of PostgreSQL and of MySQL: are they whole, what is in them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .compressed import chunks
from .problems import RestoreAborted, RestoreRefused

_NAME = rb'(?:"(?:[^"]|"")+"|[\w$\x80-\xff]+)'
_POSTGRESQL_TABLE = re.compile(
    rb"^CREATE (?:UNLOGGED |FOREIGN )?TABLE (" + _NAME + rb")\.(" + _NAME + rb") \(", re.MULTILINE
)
_MYSQL_TABLE = re.compile(rb"^CREATE TABLE (?:IF NOT EXISTS )?`((?:[^`]|``)+)` \(", re.MULTILINE)


class Dialect(NamedTuple):
    """`end` is the line with which a whole dump ends; `elsewhere` leads into another database."""

    end: bytes
    elsewhere: re.Pattern[bytes]
    made_with: str


POSTGRESQL_DUMP = Dialect(
    b"-- PostgreSQL database dump complete",
    re.compile(rb"^\\(?:c|connect|!)(?:\s|$)", re.MULTILINE),
    "pg_dump --create",
)
MYSQL_DUMP = Dialect(
    b"-- Dump completed",
    re.compile(rb"^(?:USE `|CREATE DATABASE )", re.MULTILINE),
    "--databases",
)
END = 4096
"""Bytes at the end of a dump in which its last line is looked for."""


def check_dump(path: Path, dialect: Dialect) -> None:
    """Raises `RestoreAborted` if it is cut short, `RestoreRefused` if it chooses its database."""
    last = b""
    for block in _blocks(path):
        found = dialect.elsewhere.search(block)
        if found:
            line = found.group().decode("utf-8", "replace").strip()
            raise RestoreRefused(
                f"{path} leaves the target: it has a line that begins with {line}. "
                f"It was made with {dialect.made_with}; restore it with a command of your own."
            )
        last = (last + block)[-END:]
    if dialect.end not in last:
        raise RestoreAborted(
            f"{path} was cut short: it does not end with the line {dialect.end.decode()!r}."
        )


def postgresql_tables(sql: bytes) -> list[str]:
    """`schema.table` of the tables that SQL text makes."""
    return [
        ".".join(_unquoted(part, b'"') for part in found)
        for found in _POSTGRESQL_TABLE.findall(sql)
    ]


def tables_of_dump(path: Path, dialect: Dialect) -> list[str]:
    """The names of the tables that a dump makes."""
    names = []
    for block in _blocks(path):
        if dialect is MYSQL_DUMP:
            names += [_unquoted(b"`" + name + b"`", b"`") for name in _MYSQL_TABLE.findall(block)]
        else:
            names += postgresql_tables(block)
    return names


def _blocks(path: Path) -> Iterator[bytes]:
    """The content in blocks of whole lines. A line that is longer than a block comes in parts."""
    rest = b""
    for chunk in chunks(path):
        block = rest + chunk
        cut = block.rfind(b"\n") + 1
        if cut:
            yield block[:cut]
        rest = block[cut:]
        if len(rest) > 1024 * 1024:
            # The middle of a row of data: it needs a first byte that no statement begins with.
            rest = b" "
    yield rest


def _unquoted(name: bytes, mark: bytes) -> str:
    if name.startswith(mark):
        name = name[1:-1].replace(mark * 2, mark)
    return name.decode("utf-8", "replace")
