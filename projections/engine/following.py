"""What the engine has to do with an import: it says what would not fit, and takes in what came."""

from collections.abc import Iterator

from domain.errors import RestoreLogError
from domain.events import Event
from infrastructure.hosts.followers import Followed, Progress
from projections.engine.catch_up import catch_up
from projections.engine.errors import RebuildRequired
from projections.engine.fold import first_violation, values
from projections.engine.rebuild import rebuild
from projections.engine.registry import row_projections
from projections.engine.scopes import default_scope
from projections.engine.state import projections_state


def judge(event: Event) -> Iterator[tuple[str, str]]:
    """Which columns, and why, cannot hold what this first event of a host's row says."""
    for projection in row_projections():
        if not isinstance(event, projection.event_type):
            continue
        if not projection.includes(default_scope(), event):
            continue
        row = projection.project(None, event)
        found = None if row is None else first_violation(projection, row, values(row))
        if found is not None:
            yield found.column, found.reason


def follow_import(progress: Progress | None) -> Followed:
    """Bring the live tables up to an import; those of an earlier mapping are built anew.

    An import that corrects what an older version of the service recorded is to be seen.
    """
    return take_in(progress, rebuild_outdated=True)


def take_in(progress: Progress | None, *, rebuild_outdated: bool = False) -> Followed:
    """Bring the live tables up to the log, and count what they cannot hold."""
    try:
        caught = catch_up(progress=progress)
        outdated = [
            label for label, one in caught.items() if isinstance(one.error, RebuildRequired)
        ]
        if outdated and rebuild_outdated:
            rebuild(outdated)
            caught |= catch_up(outdated)
    except RestoreLogError as error:
        return Followed({}, [str(error)])
    problems = [str(one.error) for one in caught.values() if one.error is not None]
    counts = {str(one["label"]): int(one["quarantined"]) for one in projections_state()}
    return Followed(counts, problems)
