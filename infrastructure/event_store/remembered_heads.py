"""Remembered heads, and the check that the log contains them.

They are the head file and the checkpoints of all tables built from the log. Checkpoints are in the
log's own database, so they do not show a loss that also affected them. The caller finds the
checkpoints that are not in the log (`missing`).
"""

from collections.abc import Iterable

from domain.administration.values import LostHead
from infrastructure.event_store import head_file
from infrastructure.event_store.acceptances import acceptances
from infrastructure.event_store.errors import HeadFileUnusable, LogLostEvents
from infrastructure.event_store.log import Log


def forgotten(log: Log, missing: Iterable[LostHead]) -> list[LostHead]:
    """The `missing` checkpoints that were not accepted as lost."""
    found = list(missing)
    if not found:
        return []
    accepted = acceptances(log)
    return [head for head in found if not accepted.accepts(head)]


def refuse_lost_events(log: Log, missing: Iterable[LostHead]) -> None:
    """Raise `LogLostEvents` unless the log contains all remembered heads.

    Called before an import, a step, a certificate, an anchor or a rebuild. An append checks only
    the head file.
    """
    head_file.refuse_lost_end(log)
    for head in forgotten(log, missing):
        raise LogLostEvents(how(head, log), head.position)


def lost_heads(log: Log, missing: Iterable[LostHead]) -> list[LostHead]:
    """All remembered heads, the head file's too, that are neither in the log nor accepted."""
    heads = forgotten(log, missing)
    try:
        head_file.refuse_lost_end(log)
    except HeadFileUnusable:
        heads.insert(0, LostHead(remembered_by=head_file.NAME, position=0, hash=""))
    except LogLostEvents:
        path = head_file.head_file()
        kept = head_file.read_head(path) if path is not None else None
        if kept is not None:
            heads.insert(0, kept.lost())
    return heads


def how(head: LostHead, log: Log) -> str:
    """How the log differs from this head, as a sentence without a full stop."""
    end = log.head().position
    by = (
        "the index of imported rows" if head.remembered_by == "import_index" else head.remembered_by
    )
    if end < head.position:
        return f"The log ends at position {end}, and {by} was built up to position {head.position}"
    return (
        f"The log has another event at position {head.position} than the one that {by} was built "
        "from"
    )
