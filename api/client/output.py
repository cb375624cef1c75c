"""What a command prints, as far as it is recorded: its end, its warnings, its progress.

Output passes through unchanged, whatever is in it; here it is only looked at. Lines are kept whole,
also when two streams write at once, so that no secret is cut in two before it is recognised.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator

from .redaction import Redactor
from .transport import ClientError

LIMIT = 65_536
"""The most that is recorded of the output, in bytes of UTF-8; and the longest line."""
LISTED = 100
"""Warnings that are listed; all are counted."""
ERRORS = 20
LONGEST = 500
"""Characters of a line in a list."""
WARNING = r"\bwarning\b"
PROGRESS = rb"^restorelog progress (?P<percent>\d{1,3}(?:\.\d+)?)%?(?:[ \t]+(?P<phase>[^\r\n]+))?"
"""A line with which a command says how far it is: `restorelog progress 40% loading orders`."""
_ERROR = re.compile(rb"^.*\b(?:error|fatal|panic)\b.*$", re.IGNORECASE | re.MULTILINE)


class BadPattern(ClientError):
    """A pattern for warnings or progress that is not a regular expression."""


class CommandOutput:
    """Everything that one command has printed so far, over all of its streams."""

    def __init__(
        self,
        redactor: Redactor,
        *,
        warning: str = WARNING,
        progress: str | None = None,
    ) -> None:
        self.on_progress: Callable[[], None] = lambda: None
        """Called when a line told of progress, by the thread that feeds."""
        self.percent: float | None = None
        self.phase = ""
        self.warnings_count = 0
        self._redactor = redactor
        self._warning = _compiled(f"^.*(?:{warning}).*$")
        self._progress = [re.compile(PROGRESS, re.MULTILINE)]
        if progress is not None:
            self._progress.append(_compiled(progress))
        self._news = False
        self._lock = threading.Lock()
        self._kept: deque[tuple[str, bytes]] = deque()
        self._size = 0
        self._cut = False
        self._finished = False
        self._partial: dict[str, bytes] = {}
        self._too_long: set[str] = set()
        self._data: dict[str, int] = {}
        self._warnings: list[bytes] = []
        self._errors: list[bytes] = []

    def feed(self, stream: str, chunk: bytes, *, text: bool = False) -> None:
        """Look at what a stream printed. Unless it is surely `text`, a zero byte makes it data."""
        with self._lock:
            if self._finished:
                return
            if stream in self._data:
                self._data[stream] += len(chunk)
            elif not text and b"\0" in chunk:
                self._becomes_data(stream, len(chunk))
            else:
                self._look(stream, self._partial.pop(stream, b"") + chunk)
            news, self._news = self._news, False
        if news:
            self.on_progress()

    def finish(self) -> None:
        """Take in lines that never ended. What is printed after that does not count."""
        with self._lock:
            self._finished = True
            for stream, rest in list(self._partial.items()):
                self._keep(stream, rest + b"\n")
            self._partial.clear()

    def tail(self, limit: int = LIMIT) -> str:
        """The end of the output in whole lines, without secrets; at most `limit` bytes of UTF-8."""
        with self._lock:
            written, cut = b"".join(block for _, block in self._kept), self._cut
            data = list(self._data.items())
        if len(written) > LIMIT:
            written, cut = written[-LIMIT:], True
        if cut:
            written = written[written.find(b"\n") + 1 :]
        text = self._redactor.output(written)
        text += "".join(f"[{name}: {size:,} bytes of data, not recorded]\n" for name, size in data)
        return _last_bytes(text, limit)

    def warnings(self) -> list[str]:
        """The first warnings, a line each."""
        return list(self._lines(self._warnings))

    def errors(self) -> list[str]:
        """The first lines that name an error."""
        return list(self._lines(self._errors))

    def last_line(self) -> str:
        """The last line that is not blank; of what went to stderr, if anything did."""
        with self._lock:
            said = [block for stream, block in self._kept if stream != "stdout"]
            written = b"".join(said or [block for _, block in self._kept])
        lines = [line for line in self._redactor.output(written).splitlines() if line.strip()]
        return lines[-1].strip()[:LONGEST] if lines else ""

    def _lines(self, kept: list[bytes]) -> Iterator[str]:
        for line in list(kept):
            yield self._redactor.output(line).strip()[:LONGEST]

    def _look(self, stream: str, written: bytes) -> None:
        # A carriage return at the end may be the first half of a line's end.
        end = max(written.rfind(b"\n"), written.rfind(b"\r", 0, len(written) - 1)) + 1
        whole, rest = written[:end], written[end:]
        if len(rest) > LIMIT:
            self._too_long.add(stream)
            rest = rest[:1]
        if rest:
            self._partial[stream] = rest
        if whole:
            self._keep(stream, whole)

    def _keep(self, stream: str, whole: bytes) -> None:
        if stream in self._too_long:
            # What is left of it may begin in the middle of a secret.
            self._too_long.discard(stream)
            whole = b"[a line of more than 65,536 bytes]" + whole[whole.find(b"\n") :]
        self._find_progress(whole)
        if self._warning.search(whole):
            found = [line.group() for line in self._warning.finditer(whole)]
            self.warnings_count += len(found)
            self._warnings += found[: LISTED - len(self._warnings)]
        if len(self._errors) < ERRORS:
            found = [line.group() for line in _ERROR.finditer(whole)]
            self._errors += found[: ERRORS - len(self._errors)]
        self._kept.append((stream, whole))
        self._size += len(whole)
        while self._size - len(self._kept[0][1]) >= LIMIT:
            self._size -= len(self._kept.popleft()[1])
            self._cut = True

    def _find_progress(self, whole: bytes) -> None:
        for pattern in self._progress:
            for found in pattern.finditer(whole.replace(b"\r", b"\n")):
                groups = found.groupdict()
                self._news = True
                if groups.get("percent") is not None:
                    self.percent = _percent(groups["percent"], self.percent)
                if groups.get("phase") is not None:
                    self.phase = self._redactor.output(groups["phase"]).strip()[:LONGEST]

    def _becomes_data(self, stream: str, size: int) -> None:
        """A stream that carries data is not output: nothing of it is recorded but its size."""
        kept = [one for one in self._kept if one[0] == stream]
        size += sum(len(block) for _, block in kept) + len(self._partial.pop(stream, b""))
        self._kept = deque(one for one in self._kept if one[0] != stream)
        self._size = sum(len(block) for _, block in self._kept)
        self._data[stream] = size


def _compiled(pattern: str) -> re.Pattern[bytes]:
    try:
        return re.compile(pattern.encode(), re.IGNORECASE | re.MULTILINE)
    except re.error as error:
        raise BadPattern(f"{pattern!r} is not a regular expression: {error}.") from error


def _percent(written: bytes, before: float | None) -> float | None:
    try:
        value = float(written)
    except ValueError:
        return before
    return value if 0 <= value <= 100 else before


def _last_bytes(text: str, limit: int) -> str:
    """The end of a text in whole lines, at most `limit` bytes."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    end = encoded[-limit:]
    return end[end.find(b"\n") + 1 :].decode(errors="ignore")
