"""A relay between a client and a server, which can cut connections and hold answers back."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Relay:
    """Passes bytes on, both ways.

    `held`: of requests with these bytes, no answer comes back. `most` says for each answer after
    how many bytes it is cut off.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.held = b""
        self.most: Callable[[], int] = lambda: sys.maxsize
        self.connections = 0
        self.seen: bytearray | None = None
        """All that was passed on, if it is kept."""
        self._more = threading.Condition()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut all connections that are open."""
        sockets, self._sockets = self._sockets, []
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def wait_for(self, connections: int) -> None:
        """Wait until so many connections have been made."""
        with self._more:
            assert self._more.wait_for(lambda: self.connections >= connections, timeout=120)

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                client.close()
                continue
            self._sockets += [client, server]
            with self._more:
                self.connections += 1
                self._more.notify_all()
            holding = threading.Event()
            for source, target, is_request in ((client, server, True), (server, client, False)):
                given = (source, target, holding, is_request)
                threading.Thread(target=self._pass, args=given, daemon=True).start()

    def _pass(self, source: Any, target: Any, holding: threading.Event, is_request: bool) -> None:
        left = sys.maxsize if is_request else self.most()
        with suppress(OSError), source:
            while part := source.recv(min(left, 65_536)):
                left -= len(part)
                if self.seen is not None:
                    self.seen += part
                if is_request and self.held and self.held in part:
                    holding.set()
                if is_request or not holding.is_set():
                    target.sendall(part)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(address: str) -> Iterator[Relay]:
    """A relay before the server at this address."""
    relay = Relay(int(address.rpartition(":")[2]))
    try:
        yield relay
    finally:
        relay.close()
