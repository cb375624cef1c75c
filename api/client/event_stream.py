"""Server-sent events, as they come over a connection (WHATWG HTML, 9.2.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

LONGEST_LINE = 16 * 1024 * 1024


class StreamMessage(NamedTuple):
    """A message. One without `data` only says that the stream is alive, and where it is."""

    id: str
    event: str
    data: str
    retry: float | None
    """After how many seconds to connect again; None if the message does not say."""


class LineTooLong(ValueError):
    """A line that no message of the log has."""


def messages(read_line: Callable[[int], bytes]) -> Iterator[StreamMessage]:
    """The messages of a stream, each once it is whole. What is cut off by its end is left out."""
    id, event = "", ""
    retry: float | None = None
    data: list[str] = []
    while True:
        line = read_line(LONGEST_LINE)
        if not line.endswith(b"\n"):
            if len(line) >= LONGEST_LINE:
                raise LineTooLong("a line of the stream is too long")
            return
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            yield StreamMessage(id, event or "message", "\n".join(data), retry)
            event, data, retry = "", [], None
            continue
        name, _, value = text.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name == "id":
            id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            retry = int(value) / 1000
