"""What is remembered of where the log stood has to be in it.

Beside the head file these are the checkpoints of what is made from the log. They stand in its own
database, so they know nothing of a loss that took them along. Whoever keeps such checkpoints says
which of them are not in the log (`missing`).
"""

from collections.abc import Iterable

from domain.administration.values import LostHead
from infrastructure.event_store import head_file
from infrastructure.event_store.acceptances import acceptances
from infrastructure.event_store.errors import HeadFileUnusable, LogLostEvents
from infrastructure.event_store.log import Log


def forgotten(log: Log, missing: Iterable[LostHead]) -> list[LostHead]:
    """Those of the checkpoints that are `missing` in the log that nobody has accepted as lost."""
    found = list(missing)
    if not found:
        return []
    accepted = acceptances(log)
    return [head for head in found if not accepted.accepts(head)]


def refuse_lost_events(log: Log, missing: Iterable[LostHead]) -> None:
    """Raise `LogLostEvents` unless all that is remembered of the log is in it.

    Before an import, a step, a certificate, an anchor or a rebuild. Every append looks at the head
    file alone.
    """
    head_file.refuse_lost_end(log)
    for head in forgotten(log, missing):
        raise LogLostEvents(how(head, log), head.position)


def lost_heads(log: Log, missing: Iterable[LostHead]) -> list[LostHead]:
    """All that is remembered and neither in the log nor accepted, the head file's included."""
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
    """What was remembered, and what the log is, in a sentence without its end."""
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
