"""A client of server-sent events, on a socket of its own."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

PATH = "/api/v1/audit/events/"


class Sent(NamedTuple):
    """A message: its name, if it has one, its id, and its data; a comment has none."""

    event: str
    id: str
    data: Any


class EventStream:
    """The messages of an open stream, one after the other."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.response = response
        self.last_id = ""

    def __iter__(self) -> Iterator[Sent]:
        return self

    def __next__(self) -> Sent:
        found = {"event": "", "id": "", "data": ""}
        while line := self.response.readline():
            text = line.decode().rstrip("\n")
            if not text:
                self.last_id = found["id"] or self.last_id
                data = json.loads(found["data"]) if found["data"] else None
                return Sent(found["event"], found["id"], data)
            name, _, value = text.partition(": ")
            found[name] = value
        raise StopIteration

    def events(self, count: int) -> list[Any]:
        """The next so many events of the log."""
        found: list[Any] = []
        silent = 0
        while len(found) < count:
            sent = next(self)
            silent = silent + 1 if sent.data is None else 0
            assert silent < 3, f"{count - len(found)} events did not come"
            if sent.data is not None:
                assert not sent.event, sent
                found.append(sent.data)
        return found

    def end(self) -> Any:
        """Why the stream ends; what comes before is skipped."""
        *_, last = [sent for sent in self if sent.data is not None]
        assert last.event == "end", last
        return last.data


@contextmanager
def following(
    address: str, token: str, headers: Mapping[str, str] | None = None, **parameters: str
) -> Iterator[EventStream]:
    """Open a stream; its first message, which says that it is open, was read."""
    connection, response = ask(address, token, headers, **parameters)
    try:
        assert response.status == 200, response.read()
        assert response.headers["Content-Type"] == "text/event-stream"
        stream = EventStream(response)
        assert next(stream).data is None
        yield stream
    finally:
        connection.close()


def ask(
    address: str, token: str, headers: Mapping[str, str] | None = None, **parameters: str
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """Ask for a stream; the connection and the beginning of the answer."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request(
        "GET",
        f"{PATH}?{urlencode(parameters)}",
        headers={
            "Authorization": f"Token {token}",
            "Accept": "text/event-stream",
            **(headers or {}),
        },
    )
    return connection, connection.getresponse()
