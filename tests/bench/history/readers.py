"""Clients that read over HTTP: `python -m tests.bench.history.readers PORT SECONDS`.

Reads one JSON object from stdin: `tokens`, one for each client, and `paths`. Each client has one
connection and asks for one path after the other, for so long and at least once. Prints one JSON
object: seconds, and those of each request.
"""

import http.client
import json
import sys
import threading
import time
from itertools import cycle, islice

HOST = "127.0.0.1"


class Reader:
    """One connection, and how long each of its requests took, in seconds."""

    def __init__(self, port: int, token: str, paths: list[str]) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=600)
        self.headers = {"Accept": "application/json", "X-Forwarded-Proto": "https"}
        if token:
            self.headers["Authorization"] = f"Token {token}"
        self.paths, self.took = cycle(paths), list[float]()

    def get(self) -> None:
        begin = time.perf_counter()
        self.connection.request("GET", next(self.paths), headers=self.headers)
        response = self.connection.getresponse()
        text = response.read()
        self.took.append(time.perf_counter() - begin)
        assert response.status == 200, f"{response.status} {text[:300]!r}"

    def read_until(self, end: float) -> None:
        self.get()
        while time.perf_counter() < end:
            self.get()


def main(port: int, seconds: float) -> None:
    given = json.load(sys.stdin)
    paths = given["paths"]
    readers = [
        Reader(port, token, [*islice(cycle(paths), number, number + len(paths))])
        for number, token in enumerate(given["tokens"])
    ]
    failed: list[BaseException] = []
    begin = time.perf_counter()

    def read(reader: Reader) -> None:
        try:
            reader.read_until(begin + seconds)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed[0]
    took = [one for reader in readers for one in reader.took]
    print(json.dumps({"seconds": time.perf_counter() - begin, "took": took}))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
