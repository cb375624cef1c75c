"""Hundreds of clients at once, each asking again as soon as it is answered.

`python -m tests.support.flooding` takes a JSON object on stdin (`address`, `requests`: a list of
path and headers that the clients take by turns, `clients`, `seconds`), says when something
came, and prints what came: after so many seconds, or once its stdin is closed.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.support.service import ROOT


async def one(host: str, port: int, path: str, headers: dict[str, str],
              is_over: Callable[[], bool], came: Counter[str]) -> None:  # fmt: skip
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{said}\r\n".encode()
    while not is_over():
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            came[f"{path} not connected"] += 1
            await asyncio.sleep(0.1)
            continue
        try:
            while not is_over():
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.split("content-length: ")[1].split("\r\n")[0])
                await reader.readexactly(length)
                status = head.split()[1]
                wait = "retry-after:" in head
                came[f"{path} {status}{' with' if wait else ''}"] += 1
        except (OSError, EOFError, IndexError):
            came[f"{path} broken"] += 1
        finally:
            writer.close()


async def flood(address: str, requests: list[Any], clients: int, seconds: float) -> Counter[str]:
    url = urlsplit(address)
    assert url.hostname is not None
    assert url.port is not None
    came: Counter[str] = Counter()
    until, stopped = time.monotonic() + seconds, threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()

    def is_over() -> bool:
        return stopped.is_set() or time.monotonic() > until

    async with asyncio.TaskGroup() as group:
        for n in range(clients):
            path, headers = requests[n % len(requests)]
            group.create_task(one(url.hostname, url.port, path, headers, is_over, came))
        while not came:
            await asyncio.sleep(0.01)
        print("begun", flush=True)
    return came


@contextmanager
def flooding(address: str, requests: list[Any], *, clients: int, seconds: float) -> Any:
    """Run it in a process of its own during the block, for so many seconds at most.

    The block begins when something has come; what came is there when it is over.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.flooding"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked = {"address": address, "requests": requests, "clients": clients, "seconds": seconds}
    came: dict[str, int] = {}
    try:
        print(json.dumps(asked), file=process.stdin, flush=True)
        assert process.stdout.readline() == "begun\n"
        yield came
        out, _ = process.communicate(timeout=seconds + 60)
        came.update(json.loads(out))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(flood(**json.loads(sys.stdin.readline())))))
