"""Apache Parquet: exact types, times to the microsecond in UTC.

A process of its own writes the file, with pyarrow: that takes much memory to load, which a server
would keep.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any, NoReturn

import msgspec

from domain.errors import RestoreLogError
from infrastructure.exports import parquet_process
from infrastructure.exports.columns import FileColumn

MEDIA_TYPE = "application/vnd.apache.parquet"

_encode = msgspec.msgpack.Encoder(uuid_format="bytes").encode


class ExportFailed(RestoreLogError):
    code = "export_failed"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The process that writes the Parquet file {why}. No part of the file was sent. Try "
            "again, or take CSV or NDJSON, which need less memory. The reason may be in the output "
            "of the server."
        )


class ParquetFile:
    """Writes rows to an open binary file; what the file is (`about`) stands in its footer.

    Raises `ExportFailed` if the process ends early, and OSError if it cannot write.
    """

    def __init__(
        self, file: IO[bytes], columns: Sequence[FileColumn], about: Mapping[str, str]
    ) -> None:
        self.process = _started(file)
        self._send((list(columns), about))

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write these rows, given as Python values in the order of the columns."""
        self._send(rows)

    def finish(self) -> None:
        """Wait until all of the file is written."""
        self._pipe(b"")
        if self.process.wait() != 0:
            self._fail()

    def close(self) -> None:
        """End the process if it is still there: then the file is not complete."""
        self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            # What is left in it is for nobody.
            with suppress(BrokenPipeError):
                self.process.stdin.close()

    def _send(self, value: Any) -> None:
        self._pipe(_encode(value))

    def _pipe(self, frame: bytes) -> None:
        pipe = self.process.stdin
        assert pipe is not None
        try:
            pipe.write(len(frame).to_bytes(parquet_process.LENGTH, "big"))
            pipe.write(frame)
            pipe.flush()
        except BrokenPipeError:
            self.process.wait()
            self._fail()

    def _fail(self) -> NoReturn:
        code = self.process.returncode
        if code > parquet_process.NOT_WRITTEN:
            number = code - parquet_process.NOT_WRITTEN
            raise OSError(number, os.strerror(number))
        if code < 0:
            raise ExportFailed(f"was ended by {signal.Signals(-code).name}")
        raise ExportFailed(f"ended with exit code {code}")


def _started(file: IO[bytes]) -> "subprocess.Popen[bytes]":
    """The process, which writes to this file and has nothing else of ours open."""
    try:
        return subprocess.Popen(
            [sys.executable, "-m", parquet_process.__name__],
            stdin=subprocess.PIPE,
            stdout=file,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                # Arrow's own pool keeps what was freed: 74 MB for common rows instead of 65.
                "ARROW_DEFAULT_MEMORY_POOL": "system",
            },
            # Ctrl-C in the terminal ends the server, which sends first what was asked for.
            start_new_session=True,
        )
    except OSError as error:
        raise ExportFailed(f"could not be started: {error.strerror}") from error
