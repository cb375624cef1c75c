"""Clients of a server over HTTP: `python -m tests.bench.http_clients PORT SIDE REQUESTS`.

Reads a JSON list from stdin, a token for each client. Each has one connection and sends one
request after the other, `REQUESTS` of them in all. `ours` records whole lives: request, start,
complete. `theirs` inserts rows. Prints one JSON object: seconds, and those of each request.
"""

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

HOST = "127.0.0.1"
BUSY = 503


class Client:
    """One connection, and how long each of its requests took, in seconds."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=120)
        self.headers = {"Content-Type": "application/json", "X-Forwarded-Proto": "https"}
        if token:
            self.headers["Authorization"] = f"Token {token}"
        self.took: list[float] = []

    def post(self, path: str, body: dict[str, str]) -> Any:
        """Send it, again if the server is too busy: how long it takes includes that."""
        begin, status, text = time.perf_counter(), BUSY, b""
        while status == BUSY:
            self.connection.request("POST", path, json.dumps(body), self.headers)
            response = self.connection.getresponse()
            status, text = response.status, response.read()
            if status == BUSY:
                time.sleep(float(response.headers.get("Retry-After", "1")))
        self.took.append(time.perf_counter() - begin)
        # 202: on a busy machine a table may be more than two seconds behind.
        assert status in (200, 201, 202), f"{path}: {status} {text[:300]!r}"
        return json.loads(text)

    def live(self) -> None:
        """A whole life: three requests."""
        given = {"name": "restore over HTTP", "target_database": "shop"}
        restore = "/api/v1/restores/"
        restore += f"{self.post(restore, given)['restore_id']}/"
        self.post(f"{restore}start/", {})
        self.post(f"{restore}complete/", {"message": "done"})

    def insert(self) -> None:
        """Three requests, each a new row."""
        for _ in range(3):
            self.post("/restores/", {"name": "restore over HTTP", "target_database": "shop"})


def main(port: int, side: str, requests: int) -> None:
    clients = [Client(port, token) for token in json.load(sys.stdin)]
    work: Callable[[Client], None] = Client.live if side == "ours" else Client.insert
    failed: list[BaseException] = []

    def run(client: Client, times: int) -> None:
        try:
            for _ in range(times):
                work(client)
        except BaseException as error:
            failed.append(error)
            raise

    def all_of_them(times: int) -> None:
        threads = [threading.Thread(target=run, args=(client, times)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    all_of_them(1)  # connects, and is not timed
    for client in clients:
        client.took.clear()
    begin = time.perf_counter()
    all_of_them(max(requests // (3 * len(clients)), 1))
    seconds = time.perf_counter() - begin
    assert not failed, failed[0]
    took = [one for client in clients for one in client.took]
    print(json.dumps({"seconds": seconds, "requests": len(took), "took": took}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
