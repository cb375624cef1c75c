"""Forks Python programs that need not import the libraries first: see `tests.support.forked`.

It has imported libraries, and nothing of the service: that, and the settings, a program imports
for itself after the fork.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "dj_database_url",
    "django.contrib.admin.apps",
    "django.contrib.auth.apps",
    "django.contrib.auth.password_validation",
    "django.contrib.messages.apps",
    "django.contrib.sessions.apps",
    "django.contrib.staticfiles.apps",
    "django.core.management.commands.migrate",
    "django.db.backends.postgresql.base",
    "django.db.backends.sqlite3.base",
    "django_filters.rest_framework",
    "drf_spectacular.apps",
    "eventsourcing.domain",
    "eventsourcing.persistence",
    "msgspec.json",
    "psycopg_pool",
    "pymysql",
    "rich.progress",
    "rich.table",
)


def main() -> None:
    """Serve until the tests are gone; a fork of this process goes on as the program asked for."""
    tests = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        data, files, _, _ = socket.recv_fds(tests, 1, 4)
        if not data:
            return
        if os.fork() == 0:
            break
        for file in files:
            os.close(file)
    tests.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    become(**ask(files))


def ask(files: list[int]) -> Any:
    """Fork the program, wait for it, tell its exit code; returns in the program, with its job."""
    with socket.socket(fileno=files.pop()) as asker, asker.makefile("rw") as lines:
        job = json.loads(lines.readline())
        program = os.fork()
        if program:
            for file in files:
                os.close(file)
            print(program, file=lines, flush=True)
            print(os.waitstatus_to_exitcode(os.waitpid(program, 0)[1]), file=lines, flush=True)
            os._exit(0)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    return job


def become(arguments: list[str], env: dict[str, str], cwd: str, umask: int) -> None:
    """Run `SCRIPT …` or `-m MODULE …` as Python would."""
    path = env.get("PYTHONPATH")
    if path and path != os.environ.get("PYTHONPATH"):
        sys.path[1:1] = path.split(os.pathsep)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    os.umask(umask)
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        sys.path[0] = cwd
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path[0] = str(Path(arguments[0]).parent)
        runpy.run_path(arguments[0], run_name="__main__")


def load() -> None:
    """Import what programs need, and see that none of it has looked at settings."""
    sys.path[0] = str(ROOT)
    for library in LIBRARIES:
        importlib.import_module(library)
    from django.conf import settings

    assert not settings.configured
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    load()
    main()
