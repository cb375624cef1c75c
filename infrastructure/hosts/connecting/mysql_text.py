"""Text of MySQL and MariaDB, whose UTF-8 takes what Unicode does not: halves of pairs.

PyMySQL decodes by the name of a codec alone, and one such value would end the reading of all
others. So there is a codec of our own: UTF-8, with bytes that cannot be decoded as lone surrogates
(PEP 383), from which a reader gets the bytes back.
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
