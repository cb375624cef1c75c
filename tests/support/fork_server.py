"""Forks Python programs that need not import the libraries first: see `tests.support.forked`.

It has imported libraries, and of the service what looks at no setting; the rest, and the settings,
a program imports for itself after the fork.
"""

import atexit
import gc
import importlib
import io
import json
import os
import runpy
import signal
import socket
import sqlite3
import sys
import threading
import time
from functools import partial
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
SERVICE = (
    "domain.catalogue",
    "infrastructure.event_store.log",
    "infrastructure.event_store.mapper",
    "projections.database_management.projector",
    "projections.engine.fold",
    "projections.system_backups.projector",
)
LAYERS = ("api", "domain", "infrastructure", "projections")


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
    if not is_ours(cwd, arguments[0]):
        for name in [name for name in sys.modules if name.split(".")[0] in LAYERS]:
            del sys.modules[name]
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        sys.path[0] = cwd
        run = partial(runpy.run_module, arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path[0] = str(Path(arguments[0]).parent)
        run = partial(runpy.run_path, arguments[0], run_name="__main__")
    try:
        run()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            leave(end.code or 0)
        raise
    leave(0)


def is_ours(cwd: str, program: str) -> bool:
    """Does the program take the service from this checkout?"""
    return (cwd if program == "-m" else str(Path(program).parent)) == str(ROOT)


def leave(code: int) -> None:
    """End as Python does, but leave the memory to the system.

    To take the libraries apart, object by object, and so copy them first, since the memory is
    shared, would be a quarter of what a short program costs. What an object does at its end is
    done: it is flushed or closed. If that fails, this returns, for Python to say so.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        for one in gc.get_objects():
            if issubclass(type(one), sqlite3.Connection):
                one.close()
            elif issubclass(type(one), io.BufferedWriter | io.TextIOWrapper) and not one.closed:
                one.flush()
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError, sqlite3.Error):
        return
    os._exit(code & 0xFF)


def load() -> None:
    """Import what programs need, and see that none of it has looked at settings."""
    sys.path[0] = str(ROOT)
    for name in (*LIBRARIES, *SERVICE):
        importlib.import_module(name)
    from django.conf import settings

    assert not settings.configured
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    load()
    main()
