"""A codec for text of MySQL and MariaDB, whose UTF-8 may contain surrogates, unlike Unicode's.

PyMySQL selects its codec by name, and one such value would end the reading of all others. So we
register our own codec: UTF-8, with undecodable bytes as lone surrogates (PEP 383), from which a
reader gets the bytes back.
"""

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

ENCODING = "utf_8_of_any_bytes"


def _decode(data: "Buffer", _errors: str = "strict", /) -> tuple[str, int]:
    return codecs.utf_8_decode(data, "surrogateescape", True)


def _codec(name: str) -> codecs.CodecInfo | None:
    return codecs.CodecInfo(codecs.utf_8_encode, _decode, name=name) if name == ENCODING else None


codecs.register(_codec)
