"""Text that need not be in the encoding it is said to be in, in a driver's hands.

One such value must not end the reading of all others. Where the server would stop at a byte that
has no meaning in its database's encoding, text is handed out as it is stored, and decoded here. Of
a value that cannot be decoded every byte beyond ASCII becomes a lone surrogate (PEP 383), or as
much of it as is not UTF-8: from these a reader gets the bytes back.
"""

from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from infrastructure.hosts.connecting.encodings import CODECS

_OTHERS = 0
"""Stands for every type that has no loader of its own: enumerations, extensions' types, …"""
_TEXTS = ("text", "varchar", "bpchar", "name", '"char"', _OTHERS)


def take_any_bytes(connection: "psycopg.Connection[Any]") -> None:
    """Have text handed out as it is stored, if the database may hold such bytes. Until the
    transaction's end."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding not in CODECS:
        return
    connection.execute(f"SET LOCAL client_encoding = '{encoding}'".encode())
    loader = type("_AnyBytes", (_AnyBytes,), {"codec": CODECS[encoding]})
    for type_ in _TEXTS:
        connection.adapters.register_loader(type_, loader)


class _AnyBytes(Loader):
    codec = "utf-8"

    def load(self, data: Buffer) -> str:
        stored = bytes(data)
        try:
            return stored.decode(self.codec)
        except UnicodeDecodeError:
            return stored.decode("ascii", "surrogateescape")
