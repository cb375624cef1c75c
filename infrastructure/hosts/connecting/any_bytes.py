"""Loading of PostgreSQL text that is not valid in its declared encoding.

One such value must not end the reading of all others. If the server would stop at a byte that is
invalid in its database's encoding, text is sent as it is stored, and decoded here. If a value
cannot be decoded, every byte beyond ASCII becomes a lone surrogate (PEP 383), or every byte that is
not UTF-8. From these a reader gets the bytes back.
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
    """Have text sent as it is stored, if the database may contain invalid bytes. It lasts until
    the end of the transaction."""
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
