"""The import of a host, and its rows' way into the tables."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.errors import RestoreLogError
from infrastructure.event_store.head_file_updates import keep_head_file
from infrastructure.event_store.log import Log
from infrastructure.hosts.importing import importer
from infrastructure.hosts.importing.report import ImportReport
from projections.engine.errors import RebuildRequired
from projections.engine.first_fill import fill
from projections.engine.rebuild import rebuild
from projections.engine.runner import Progress
from projections.engine.state import projections_state
from projections.services.appending import Behind, bring_up_to_date
from projections.services.lost_events import refuse_lost_events


@dataclass(frozen=True)
class Imported:
    """The import's report, and the tables that do not show all of it."""

    report: ImportReport
    behind: Behind


def import_host(
    source_url: str, *, dry_run: bool = False, projecting: Progress | None = None, **options: Any
) -> Imported:
    """Record the host's data that is not in the log yet, and show it in the tables.

    Tables of an earlier mapping are rebuilt, so that the import's corrections of what an older
    version of the service recorded are visible. After a first import the tables are built beside
    the live ones: readers see none of its rows, then all of them. Killed at any moment and run
    again, it continues.

    `options` and errors are those of `importer.import_host`. The import stays even if a
    projection stops. `projecting` is called with the tables' progress; `on_phase` gets the
    phases of the import, and then those of a rebuild if the tables are built.
    """
    refuse_lost_events(Log())
    run = partial(importer.import_host, source_url, dry_run=dry_run, **options)
    if dry_run:
        return Imported(run(), {})
    report = run()
    keep_head_file(Log())
    fill(projecting, options.get("on_phase"))
    behind = _rebuilt(bring_up_to_date(patience=None, progress=projecting))
    for state in projections_state():
        if state["label"] in report.tables:  # once the migration is retired, no legacy ones
            report.tables[state["label"]].quarantined = state["quarantined"]
    return Imported(report, behind)


def _rebuilt(behind: Behind) -> Behind:
    """Rebuild those of an earlier mapping; returns which are behind after that."""
    outdated = [label for label, why in behind.items() if isinstance(why, RebuildRequired)]
    if not outdated:
        return behind
    try:
        rebuild(outdated)
    except RestoreLogError as error:
        return behind | dict.fromkeys(outdated, error)
    return bring_up_to_date(patience=None)
