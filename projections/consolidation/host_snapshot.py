"""A snapshot of the host that the import and the verification share."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from domain.events import Actor
from infrastructure.hosts.importing.importer import import_host
from infrastructure.hosts.importing.report import ImportReport
from infrastructure.hosts.readers import open_host
from projections.engine.first_fill import fill
from projections.engine.registry import PROJECTIONS
from projections.services.appending import bring_up_to_date
from projections.verification.actual.readers import HostReader, host_on

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class HostSnapshot:
    """The host as it was when the snapshot was opened; it was imported, and is compared with."""

    source: str
    zone: str | None
    report: ImportReport
    reader: HostReader


@contextmanager
def import_snapshot(
    source: str, *, actor: Actor, zone: str | None, progress: Progress | None = None, using: str
) -> Iterator[HostSnapshot]:
    """Import the host, catch up, and keep the host's snapshot open.

    Raises the error of a projection that is stopped, if a certificate covers it.
    """
    with open_host(source) as reader:
        report = import_host(
            source, actor=actor, zone=zone, reader=reader, progress=progress, using=using
        )
        fill(using=using)
        behind = bring_up_to_date(patience=None, using=using)
        for label, stopped in behind.items():
            if stopped is not None and PROJECTIONS[label].certified:
                raise stopped
        with closing(host_on(reader.session)) as seen:
            yield HostSnapshot(source, zone, report, seen)
