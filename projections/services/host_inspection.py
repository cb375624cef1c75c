"""The inspection of a host before its import, with the problems its rows would have in tables."""

from collections.abc import Callable, Iterator

from domain.events import Event
from infrastructure.event_store.log import Log
from infrastructure.hosts.inspecting import inspection
from infrastructure.hosts.inspecting.inspection import Inspection
from infrastructure.recording.consolidation import load_consolidation
from projections.engine.fold import first_violation, values
from projections.engine.registry import row_projections
from projections.engine.scopes import default_scope


def inspect_host(
    source_url: str,
    *,
    zone: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Inspection:
    """Read the whole host without writing. The log's zone and columns are used if it has them.

    Raises what `inspection.inspect_host` raises.
    """
    consolidation = load_consolidation(Log())
    return inspection.inspect_host(
        source_url,
        zone=zone or consolidation.zone,
        known=consolidation.columns,
        judge=judge,
        progress=progress,
    )


def judge(event: Event) -> Iterator[tuple[str, str]]:
    """The columns that cannot hold the values of a host row's first event, with the reasons."""
    for projection in row_projections():
        if not isinstance(event, projection.event_type):
            continue
        if not projection.includes(default_scope(), event):
            continue
        row = projection.project(None, event)
        found = None if row is None else first_violation(projection, row, values(row))
        if found is not None:
            yield found.column, found.reason
