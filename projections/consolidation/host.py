"""One moment of the host, for the import and for the verification alike."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from domain.events import Actor
from infrastructure.hosts.importer import import_host
from infrastructure.hosts.readers import open_host
from infrastructure.hosts.report import ImportReport
from projections.engine.catch_up import catch_up
from projections.verification.readers import HostReader, host_on

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Moment:
    """The host as it was when it was opened: imported, and to be compared with."""

    source: str
    zone: str | None
    report: ImportReport
    reader: HostReader


@contextmanager
def imported(
    source: str, *, actor: Actor, zone: str | None, progress: Progress | None = None, using: str
) -> Iterator[Moment]:
    """Import the host, bring the projections up to it, and keep that moment of it open."""
    with open_host(source) as reader:
        report = import_host(
            source, actor=actor, zone=zone, reader=reader, progress=progress, using=using
        )
        for caught in catch_up(using=using).values():
            if caught.error is not None:
                raise caught.error
        with closing(host_on(reader.session)) as seen:
            yield Moment(source, zone, report, seen)
