"""The encodings of PostgreSQL text on a connection. Imports no driver, so any module may use it."""

from typing import Any, Final

CODECS: Final = {
    "SQL_ASCII": "utf-8",  # Any bytes: what is UTF-8 is taken for UTF-8.
    "LATIN3": "iso8859-3",
    "ISO_8859_6": "iso8859-6",
    "ISO_8859_7": "iso8859-7",
    "ISO_8859_8": "iso8859-8",
    "WIN874": "cp874",
    "WIN1250": "cp1250",
    "WIN1251": "cp1251",
    "WIN1252": "cp1252",
    "WIN1253": "cp1253",
    "WIN1254": "cp1254",
    "WIN1255": "cp1255",
    "WIN1257": "cp1257",
    "WIN1258": "cp1258",
}
"""PostgreSQL's single-byte encodings in which a database may contain invalid bytes, and Python's
codecs for them, which decode every byte in the same way."""


def codec_of(connection: Any) -> str:
    """Python's name of the encoding of text and SQL on this connection."""
    return CODECS.get(connection.info.parameter_status("client_encoding"), "utf-8")


def takes_any_bytes(connection: Any) -> bool:
    """Whether text on this connection may hold surrogates."""
    return connection.info.parameter_status("client_encoding") in CODECS
