"""The REST interface, over `urllib`: TLS verified, no redirects, nothing that takes for ever."""

from __future__ import annotations

import base64
import email.utils
import hashlib
import http.client
import json
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from email.message import Message
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from .configuration import Configuration, NotConfigured
from .event_stream import StreamMessage, messages
from .transport import Body, ClientError, NotReached, RefusedForGood

TIMEOUT = 10.0
"""Seconds without an answer."""
WHOLE = 30.0
"""Seconds for a whole answer, however slowly it comes; a file may take longer."""
FILE_TIMEOUT = 600.0
"""Seconds until the first part of a file comes: the service writes it before it sends it."""
PIECE = 65_536
BIGGEST = 16 * 1024 * 1024
LONGEST_WAIT = 300.0
"""Seconds that a `Retry-After` can make us wait."""
LATER = frozenset({401, 403, 404, 405, 408, 425, 429, 500, 502, 503, 504})
"""Statuses that say nothing about the event: the service is away, busy, or not let us in.

404 and 405 are here because a wrong address answers so; a missing restore has a `code`.
"""
GONE = frozenset({"restore_not_found", "backup_not_found"})
BUSY = frozenset({"request_in_progress"})
ROUTES = {"request": "restores/", "register": "backups/"}
"""Commands that make something new; the others are commands on it."""
STREAM = "text/event-stream"
Answer = TypeVar("Answer")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET, and the token would be sent to somebody else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class HttpTransport:
    """Asks the service that the configuration names, with its token."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        timeout: float = TIMEOUT,
        learn: Callable[[Iterable[str]], None] = lambda secrets: None,
    ) -> None:
        """`learn` is called with each token that is read, which nothing may show."""
        self.configuration = configuration
        self.learn = learn
        self.timeout = timeout
        self.warning = ""
        self._opener: urllib.request.OpenerDirector | None = None
        self._token = ""

    def send(self, stream_id: str, command: str, body: Body, *, key: str) -> Body:
        if "actor" in body:
            # Recorded on a machine of the service's own. Here the login is the actor.
            body = {"on_behalf_of": body["actor"], **body}
            del body["actor"]
        route = ROUTES.get(command) or f"restores/{quote(stream_id)}/{command}/"
        # The events of one restore belong together.
        return self._ask("POST", route, body, {"Idempotency-Key": key, "X-Request-ID": stream_id})

    def heartbeat(self, restore_id: str, body: Body) -> float | None:
        answer = self._ask("POST", f"restores/{quote(restore_id)}/heartbeat/", body, {})
        silence = answer.get("silence_seconds")
        return float(silence) if isinstance(silence, (int, float)) else None

    def backup_source(self, backup: str) -> Body:
        found = self.get(f"backups/{quote(backup, safe='')}/source/")
        if "file_path" not in found:
            raise _not_a_log(self.configuration.url)
        return found

    def probe(self) -> None:
        self.get("restores/", page_size=1)

    def close(self) -> None:
        """Nothing is kept open between two requests."""

    def get(self, path: str, **parameters: object) -> Body:
        """Read a path below `/api/v1/`, or the address of a next page."""
        given = {name: value for name, value in parameters.items() if value not in (None, "")}
        return self._ask("GET", f"{path}?{urlencode(given)}" if given else path, None, {})

    def stream(self, path: str, *, last_id: str, silence: float) -> Iterator[StreamMessage]:
        """The messages of a stream that goes on after the one with this id, until it ends.

        Raises as `get` does, at any time: `NotReached` if nothing comes for `silence` seconds.
        `RefusedForGood` has status 406 if the service sends no streams.
        """
        headers = {"Accept": STREAM, **({"Last-Event-ID": last_id} if last_id else {})}
        with ExitStack() as stack:
            response = self._with_newest_token(
                lambda: stack.enter_context(self._opened("GET", path, None, headers, silence))
            )
            if response.headers.get_content_type() != STREAM:
                raise _not_a_log(self.configuration.url)
            yield from messages(response.readline)

    def download(
        self, path: str, write: Callable[[bytes], object], parameters: Mapping[str, str]
    ) -> Message:
        """Read a file of any size, a piece at a time, and return its headers.

        `NotReached` if it was cut off or damaged on its way: by its length and its digest.
        """
        route, where = f"{path}?{urlencode(parameters)}", self.configuration.url
        digest, size = hashlib.sha256(), 0
        try:
            with ExitStack() as stack:
                response = self._with_newest_token(
                    lambda: stack.enter_context(
                        self._opened("GET", route, None, {"Accept": "*/*"}, FILE_TIMEOUT)
                    )
                )
                headers: Message = response.headers
                while True:
                    try:
                        piece = response.read(PIECE)
                    except (OSError, http.client.HTTPException) as error:
                        raise _cut_off(where, size, _why(error)) from error
                    if not piece:
                        break
                    digest.update(piece)
                    size += len(piece)
                    try:
                        write(piece)
                    except OSError as error:
                        raise _NotWritten(error) from error
        except _NotWritten as error:
            raise error.why from None
        if str(size) != headers.get("Content-Length"):
            raise _cut_off(where, size, f"it has {headers.get('Content-Length')}")
        said = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
        if headers.get("Repr-Digest") != said:
            raise NotReached(f"{where}: the file was damaged on its way.")
        return headers

    def _ask(self, method: str, path: str, body: Body | None, headers: Mapping[str, str]) -> Body:
        def ask_once() -> Body:
            with self._opened(method, path, body, headers, self.timeout) as response:
                return _object(_read(response), self.configuration.url)

        return self._with_newest_token(ask_once)

    def _with_newest_token(self, ask: Callable[[], Answer]) -> Answer:
        """Ask. A token from a file or a command may have been changed since it was read."""
        try:
            return ask()
        except _Unauthorized as error:
            before, self._token = self._token, ""
            if before == self._read_token():
                raise NotReached(str(error)) from error
            return ask()

    @contextmanager
    def _opened(
        self, method: str, path: str, body: Body | None, headers: Mapping[str, str], timeout: float
    ) -> Iterator[Any]:
        """The answer to one request. What goes wrong in the block too is said as an answer's."""
        try:
            address = self.configuration.address()
            token = self._read_token()
            opener = self._make_opener()
        except NotConfigured as error:
            raise NotReached(str(error)) from error
        url = path if path.startswith(address) else address + path
        request = urllib.request.Request(
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Token {token}",
                "Accept": "application/json",
                "User-Agent": "restorelog",
                **({} if body is None else {"Content-Type": "application/json"}),
                **headers,
            },
        )
        where = self.configuration.url
        try:
            with opener.open(request, timeout=timeout) as response:
                self._look_at(response.headers)
                yield response
        except urllib.error.HTTPError as error:
            with error:
                raise self._problem(error, where) from error
        except ssl.SSLCertVerificationError as error:
            raise NotReached(_unverified(where, error)) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None)
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise NotReached(_unverified(where, reason)) from error
            raise NotReached(f"{where} cannot be reached: {_why(reason or error)}.") from error

    def _look_at(self, headers: Message) -> None:
        """Keep what the service warns of, such as a log that has lost events."""
        self.warning = headers.get("Warning", "")

    def _problem(self, error: urllib.error.HTTPError, where: str) -> ClientError:
        """What an answer means that is not a success."""
        try:
            said = json.loads(_read(error))
        except (OSError, http.client.HTTPException, ValueError, RecursionError):
            said = None
        problem: Body = said if isinstance(said, dict) else {}
        code, detail = str(problem.get("code", "")), str(problem.get("detail", ""))
        wait = _retry_after(error.headers.get("Retry-After"))
        if 300 <= error.code < 400:
            target = error.headers.get("Location", "another address")
            return NotReached(f"{where} redirects to {target}: set RESTORELOG_URL to that.")
        if error.code == 401:
            return _Unauthorized(f"{where} does not accept the token. {detail}".strip())
        busy = code in BUSY or (error.code in LATER and code not in GONE) or error.code >= 500
        if busy or not code:
            told = detail or f"it answered {error.code} {error.reason}"
            return NotReached(f"{where}: {told}", wait=wait, code=code)
        return RefusedForGood(
            detail or code, status=error.code, code=code, ahead=_ahead(error.headers.get("Date"))
        )

    def _read_token(self) -> str:
        if not self._token:
            self._token = self.configuration.read_token()
            self.learn([self._token])
        return self._token

    def _make_opener(self) -> urllib.request.OpenerDirector:
        if self._opener is None:
            file = self.configuration.ca_file
            try:
                context = ssl.create_default_context(cafile=file or None)
            except (OSError, ssl.SSLError) as error:
                raise NotConfigured(f"RESTORELOG_CA_FILE {file} cannot be used.") from error
            https = urllib.request.HTTPSHandler(context=context)
            self._opener = urllib.request.build_opener(https, _NoRedirects())
        return self._opener


class _Unauthorized(NotReached):
    """401: the token is wrong, or was changed."""


class _NotWritten(Exception):
    """A file could not be written here: the service has nothing to do with it."""

    def __init__(self, why: OSError) -> None:
        super().__init__()
        self.why = why


def _cut_off(where: str, size: int, why: str) -> NotReached:
    return NotReached(f"{where}: the file was cut off after {size} bytes: {why}.")


def _read(response: Any) -> bytes:
    """The whole body, unless it is too long or too slow."""
    deadline = time.monotonic() + WHOLE
    parts: list[bytes] = []
    size = 0
    while True:
        part = response.read(65_536)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > BIGGEST or time.monotonic() > deadline:
            raise ValueError("its answer is too long, or too slow")


def _object(body: bytes, where: str) -> Body:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        # A proxy's or a portal's page, with status 200.
        raise _not_a_log(where)
    return found


def _not_a_log(where: str) -> NotReached:
    return NotReached(f"{where} does not answer as a restore log does.")


def _retry_after(header: str | None) -> float | None:
    """Seconds; the header has a number of them, or a date."""
    if not header:
        return None
    try:
        if re.fullmatch("[0-9]{1,9}", header):
            seconds = float(header)
        else:
            seconds = email.utils.parsedate_to_datetime(header).timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _ahead(header: str | None) -> float | None:
    """By how much our clock is ahead of the service's, by the date of its answer."""
    try:
        theirs = email.utils.parsedate_to_datetime(header or "").timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    return time.time() - theirs


def _why(error: object) -> str:
    if isinstance(error, TimeoutError) or str(error) == "timed out":
        return "no answer in time"
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(said).split()).rstrip(".")


def _unverified(where: str, error: ssl.SSLCertVerificationError) -> str:
    return (
        f"{where} cannot be trusted: {error.verify_message}. "
        "If an authority of your own signed its certificate, name it with RESTORELOG_CA_FILE."
    )
