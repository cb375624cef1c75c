"""Text that need not be in the encoding it is said to be in, in a driver's hands.

One such value must not end the reading of all others. Bytes that cannot be decoded become lone
surrogates (PEP 383), from which a reader gets the bytes back.
"""

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader

UNCHECKED = "SQL_ASCII"
"""What PostgreSQL calls the encoding of databases that take any bytes for text."""

_OTHERS = 0
"""Stands for every type that has no loader of its own: enumerations, extensions' types, …"""
_TEXTS = ("text", "varchar", "bpchar", "name", '"char"', _OTHERS)


class _AnyBytes(Loader):
    """What psycopg hands out as bytes in such a session, its own catalogue's names included."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", "surrogateescape")


def take_any_bytes(connection: "psycopg.Connection[object]") -> None:
    """Have text handed out as it is stored, where the database does not know its encoding: there
    the server would stop at the first byte that is not UTF-8. Until the transaction's end."""
    if connection.info.parameter_status("server_encoding") != UNCHECKED:
        return
    for type_ in _TEXTS:
        connection.adapters.register_loader(type_, _AnyBytes)
    connection.execute(f"SET LOCAL client_encoding = {UNCHECKED}")
