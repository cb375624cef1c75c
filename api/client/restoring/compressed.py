"""Reads files that may be compressed with gzip or zstd, as a stream of chunks.

zstd is read by the program of that name: Python's standard library knows it only since 3.14.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, cast

from .problems import ProgramMissing, RestoreAborted

CHUNK = 256 * 1024
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def compression(path: Path) -> str:
    """`gzip`, `zstd` or nothing, by the file's first bytes."""
    with path.open("rb") as file:
        first = file.read(4)
    if first.startswith(GZIP):
        return "gzip"
    return "zstd" if first == ZSTD else ""


def chunks(
    path: Path, progress: Callable[[float], None] = lambda share: None
) -> Generator[bytes, None, None]:
    """The file's content, decompressed. Raises `RestoreAborted` if it is damaged or cut short."""
    how = compression(path)
    with path.open("rb") as file:
        size = max(path.stat().st_size, 1)
        if how == "zstd":
            yield from _by_zstd(path)
            return
        source = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if how else file
        try:
            for chunk in iter(lambda: source.read(CHUNK), b""):
                yield chunk
                progress(file.tell() / size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise RestoreAborted(f"{path} is damaged or was cut short: {error}.") from error


def head_of(path: Path, size: int) -> bytes:
    """The first bytes of the content."""
    found = b""
    with closing(chunks(path)) as content:
        for chunk in content:
            found += chunk
            if len(found) >= size:
                break
    return found[:size]


def _by_zstd(path: Path) -> Iterator[bytes]:
    words = ["zstd", "--decompress", "--stdout", "--quiet", "--long=31", "--", str(path)]
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except FileNotFoundError as error:
        raise ProgramMissing("zstd") from error
    out, err = process.stdout, process.stderr
    assert out is not None
    assert err is not None
    try:
        yield from iter(lambda: out.read(CHUNK), b"")
        said = err.read().decode("utf-8", "replace").strip()
        if process.wait():
            raise RestoreAborted(f"{path} is damaged or was cut short: {said}")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        out.close()
        err.close()


class ChunkReader(io.RawIOBase):
    """Chunks as a file that can be read once; `total` is how many bytes it has given."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._rest = b""
        self.total = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, missing = [], size
        while missing:
            if not self._rest:
                self._rest = next(self._source, b"")
                if not self._rest:
                    break
            part = self._rest if missing < 0 else self._rest[:missing]
            self._rest = self._rest[len(part) :]
            parts.append(part)
            missing -= len(part) if missing > 0 else 0
        found = b"".join(parts)
        self.total += len(found)
        return found
