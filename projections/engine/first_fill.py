"""The first fill: tables to which most of the log is new are built beside the live ones.

That loads rows into tables without indexes, as a rebuild does, and takes a fraction of the time
that it takes to add them to live tables.
"""

from domain.errors import RestoreLogError
from infrastructure.event_store.log import Log
from projections.engine import checkpoints, search
from projections.engine.rebuild import OnPhase, built
from projections.engine.registry import PROJECTIONS
from projections.engine.runner import Progress

ENOUGH = 10_000
"""From this many waiting events, building tables takes less time than catching up."""


def fill(
    progress: Progress | None = None, on_phase: OnPhase | None = None, using: str = "default"
) -> None:
    """Build the tables to which most of the log is new, and switch to them, if there are any.

    If it cannot, the live tables are unchanged, and catching up then brings them up to date or
    says what stops them. Killed at any moment, it can be called again. Phases are those of a
    rebuild.
    """
    labels = _mostly_empty(Log(using))
    if not labels:
        return
    try:
        with built(labels, progress=progress, on_phase=on_phase, using=using) as new:
            new.enter("switch")
            new.switch()
            new.enter("search")
            search.build_missing(using=using)
            new.enter("done")
    except RestoreLogError:
        # Another rebuild, a table in use, or an event that cannot be applied. Catching up works
        # beside the first two; at the last it stops one projection and not all.
        return


def _mostly_empty(log: Log) -> list[str]:
    """The projections to which most events are new, but not those that something has stopped."""
    head = log.head().position
    found: list[str] = []
    for label, projection in PROJECTIONS.items():
        live = checkpoints.live(projection, log.using)
        waiting = head - live.position
        if waiting < ENOUGH or waiting <= live.position:
            continue
        built_by = live.projector_version
        stopped = live.error or built_by not in (projection.version, checkpoints.NEVER_BUILT)
        if not stopped and checkpoints.in_log(live):
            found.append(label)
    return found
