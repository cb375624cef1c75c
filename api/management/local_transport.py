"""Takes the events of a wrapper to the log in this process, as REST does over the network.

Bodies are read by the same serializers and recorded by the same services; only who does it is said
by the command line instead of a login.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.urls import resolve, reverse

from api.client.spool import Spool
from api.client.transport import Body, NotReached, RefusedForGood
from api.management.reasons import reason
from api.problems import as_problem
from api.v1.backups.bodies import RegisterBody
from api.v1.backups.sources import BackupSourceSerializer
from api.v1.restores.bodies import HeartbeatBody, RequestBody
from api.v1.restores.commands import RestoreRecording
from api.v1.restores.naming_backups import with_backup
from domain.events import Actor
from infrastructure.databases.own_database import refuse_unmigrated
from projections.history.backup_sources import backup_source
from projections.services import interruption, record


def local_spool() -> Spool:
    """Where `run_restore` keeps what it could not record yet: a folder for each database."""
    folder = os.environ.get("RESTORELOG_SPOOL", "")
    if folder:
        return Spool(Path(folder))
    named = "\n".join(str(connection.settings_dict[name]) for name in ("HOST", "PORT", "NAME"))
    digest = sha256(named.encode()).hexdigest()[:16]
    return Spool(Path(settings.BASE_DIR) / "var" / "spool" / digest)


class LocalTransport:
    """Records as `actor`, unless an event names another one."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def send(self, stream_id: str, command: str, body: Body, *, key: str) -> Body:
        given = {"actor": self.actor, **body}
        actor = given.pop("actor")
        with _failures():
            if command == "request":
                said = with_backup(_read(RequestBody, given))
                over = "status" in said
                make = record.record_finished_restore if over else record.request_restore
                make(**said, actor=actor)
            elif command == "register":
                record.register_backup(**_read(RegisterBody, given), actor=actor)
            else:
                view = _view(command)
                view.service(UUID(stream_id), **_read(view.body, given), actor=actor)
        return {}

    def heartbeat(self, restore_id: str, body: Body) -> float | None:
        with _failures():
            said = _read(HeartbeatBody, body)
            return interruption.heartbeat(UUID(restore_id), **said).total_seconds()

    def backup_source(self, backup: str) -> Body:
        with _failures():
            refuse_unmigrated(connection, named=True)
            found: Body = BackupSourceSerializer(backup_source(backup)).data
        connection.close()  # a restore may take hours
        return found

    def probe(self) -> None:
        with _failures():
            refuse_unmigrated(connection, named=True)

    def close(self) -> None:
        connection.close()


def _view(command: str) -> type[RestoreRecording]:
    """The route of a command knows its body and its service."""
    match = resolve(reverse(f"v1:restore-{command}", args=["0"]))
    view: type[RestoreRecording] = match.func.view_class  # type: ignore[attr-defined]
    return view


def _read(form: Any, given: Body) -> dict[str, Any]:
    """The members of a body that are not null, converted."""
    read = form(data=given)
    read.is_valid(raise_exception=True)
    return {name: value for name, value in read.validated_data.items() if value is not None}


@contextmanager
def _failures() -> Iterator[None]:
    """What goes wrong is of the two kinds that the wrapper knows: later, or never."""
    try:
        yield
    except Exception as error:
        connection.close_if_unusable_or_obsolete()
        problem = as_problem(error)
        if problem is None or problem["status"] >= 500:
            raise NotReached(reason(error)) from error
        raise RefusedForGood(
            problem["detail"], status=problem["status"], code=problem["code"]
        ) from error
