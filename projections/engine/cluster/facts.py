"""What a process works with. The results of two processes go together only if it is the same."""

import sys
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from django.db import connections

from infrastructure.databases.own_database import refuse_unmigrated
from infrastructure.event_store.log import Log
from projections.engine.cluster.errors import WorkerUnfit
from projections.engine.dialects import table_dialect
from projections.engine.registry import PROJECTIONS
from projections.engine.worker_tasks import Facts, Service

ROOT = Path(__file__).parents[3]
FOLDERS = ("domain", "infrastructure", "projections")
"""The packages whose code makes rows of events."""
SUFFIXES = frozenset({".py", ".sql"})
LIBRARIES = ("Django", "eventsourcing", "msgspec", "psycopg")
CODE, LOG, DATABASE = "code", "log", "database"


def facts_of_this_process(position: int, using: str = "default") -> Facts:
    """The facts, with the hash of the log at this position.

    Raises a `DatabaseError` or an error of the service if its database cannot be used.
    """
    connection = connections[using]
    refuse_unmigrated(connection)
    hash_there = Log(using).hash_at(position)
    return (
        (CODE, code_digest()[:12]),
        ("Python", f"{sys.version_info.major}.{sys.version_info.minor}"),
        *((name, version(name)) for name in LIBRARIES),
        *((f"mapping of {label}", str(one.version)) for label, one in PROJECTIONS.items()),
        (LOG, "" if hash_there is None else hash_there.hex()),
        (DATABASE, table_dialect(connection).database_identity()),
    )


@cache
def code_digest() -> str:
    """The digest of the service's code, as it is when this is first called."""
    digest = sha256()
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*")]
    for file in sorted(file for file in files if file.suffix in SUFFIXES):
        text = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT).as_posix()} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def why_other_facts(expected: Facts, found: Facts) -> str:
    """Why a worker with the facts `found` cannot be used; empty if it can."""
    there = dict(found)
    other = {name for name, value in expected if there.get(name) != value}
    reasons = [
        f"it has {name} {there.get(name, 'of no version')} instead of {value}"
        for name, value in expected
        if name in other - {LOG, DATABASE}
    ]
    if LOG in other:
        reasons.append("its DATABASE_URL leads to another log")
    elif DATABASE in other:
        reasons.append("its DATABASE_URL leads to a copy of this database, not to the same one")
    return ", and ".join(reasons)


def refuse_other_facts(service: Service) -> None:
    """Raise `WorkerUnfit` if this process does not have the facts that it must have."""
    if why := why_other_facts(service.facts, facts_of_this_process(service.position)):
        raise WorkerUnfit(why)
