"""Forks Python programs that need not import the libraries first: see `tests.support.forked`.

It has imported libraries, and of the service what looks at no setting; the rest, and the settings,
a program imports for itself after the fork. Where the same kind of program is asked for again, so
are the rest and the settings, in another process; the program reads the settings once more.
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
READY = (
    "api.management.commands",
    "api.management.command_line",
    "api.urls",
    "django.core.checks.registry",
)
"""What is imported besides, once Django is set up."""
MOST_PREPARED = 4
"""How many kinds of programs have a prepared process at a time."""
LAYERS = ("api", "domain", "infrastructure", "projections")


Job = dict[str, Any]
"""The program's arguments, environment, folder and umask."""


def main() -> None:
    """Serve until the tests are gone; a fork of this process goes on as the program asked for.

    Each request comes with the `kind` of its program: for a kind that comes again, a process is
    prepared, which has read the settings and the service's modules and forks all further ones.
    """
    tests = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    seen: set[bytes] = set()
    prepared: dict[bytes, socket.socket] = {}
    while asked := receive(tests):
        kind, files = asked
        if kind in prepared:
            prepared[kind] = prepared.pop(kind)  # the one used last is given up last
            socket.send_fds(prepared[kind], [kind], files)
        elif kind not in seen:
            seen.add(kind)
            if os.fork() == 0:
                break
        else:
            while len(prepared) >= MOST_PREPARED:
                prepared.pop(next(iter(prepared))).close()
            prepared[kind], its = socket.socketpair(type=socket.SOCK_SEQPACKET)
            if os.fork() == 0:
                for open_here in (tests, *prepared.values()):
                    open_here.close()
                become(**serve_prepared(its, files), prepared=True)
            its.close()
        close(files)
    if asked is not None:
        for open_here in (tests, *prepared.values()):
            open_here.close()
        become(**ask(files, read_job(files)))


def serve_prepared(asked: socket.socket, files: list[int]) -> Job:
    """Prepare for the kind of this program, then fork it and all that are asked for after it.

    Returns in the program, with its job.
    """
    job = read_job(files)
    prepare(job["env"])
    while True:
        if os.fork() == 0:
            asked.close()
            return ask(files, job or read_job(files))
        close(files)
        received = receive(asked)
        if received is None:
            os._exit(0)
        files, job = received[1], {}


def receive(asked: socket.socket) -> tuple[bytes, list[int]] | None:
    """A program's kind and files; None if nobody can ask any more."""
    kind, files, _, _ = socket.recv_fds(asked, 64, 4)
    return (kind, files) if kind else None


def close(files: list[int]) -> None:
    for file in files:
        os.close(file)


def read_job(files: list[int]) -> Job:
    """What the program is to be, which its asker has sent."""
    with socket.socket(fileno=os.dup(files[-1])) as asker, asker.makefile("r") as lines:
        job: Job = json.loads(lines.readline())
        return job


def ask(files: list[int], job: Job) -> Job:
    """Fork the program, wait for it, tell its exit code; returns in the program, with its job."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with socket.socket(fileno=files.pop()) as asker, asker.makefile("w") as lines:
        program = os.fork()
        if program:
            close(files)
            print(program, file=lines, flush=True)
            print(os.waitstatus_to_exitcode(os.waitpid(program, 0)[1]), file=lines, flush=True)
            os._exit(0)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    return job


def prepare(env: dict[str, str]) -> None:
    """Set Django up for this environment, and import what commands of the service import."""
    take_environment(env)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
        for name in READY:
            importlib.import_module(name)
    except ImproperlyConfigured:
        pass  # The program will say so itself.
    gc.collect()
    gc.freeze()


def forget_settings() -> None:
    """Have the settings read again, from the program's own environment."""
    from django.conf import settings
    from django.db import connections
    from django.utils.functional import empty

    for name in [name for name in sys.modules if name.startswith("infrastructure.settings")]:
        del sys.modules[name]
    settings._wrapped = empty
    connections.__dict__.clear()
    connections.__init__()  # type: ignore[misc]


def take_environment(env: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    time.tzset()


def become(
    arguments: list[str], env: dict[str, str], cwd: str, umask: int, prepared: bool = False
) -> None:
    """Run `SCRIPT …` or `-m MODULE …` as Python would."""
    path = env.get("PYTHONPATH")
    if path and path != os.environ.get("PYTHONPATH"):
        sys.path[1:1] = path.split(os.pathsep)
    take_environment(env)
    os.chdir(cwd)
    os.umask(umask)
    if prepared:
        forget_settings()
    elif not is_ours(cwd, arguments[0]):
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
    return Path(cwd, program).parent == ROOT


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
