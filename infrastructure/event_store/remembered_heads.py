"""Who remembers where the log stood: what they remember has to be in it.

Beside the head file these are the checkpoints of what is made from the log. They stand in its own
database, so they know nothing of a loss that took them along.
"""

from collections.abc import Callable, Iterable

from domain.administration.values import LostHead
from infrastructure.event_store import head_file
from infrastructure.event_store.acceptances import acceptances
from infrastructure.event_store.errors import HeadFileUnusable, LogLostEvents
from infrastructure.event_store.log import Log

Memory = Callable[[Log], Iterable[LostHead]]
"""The heads that it remembers and that are not in the log."""

_memories: list[Memory] = []


def register_memory(memory: Memory) -> None:
    """Call this when the app that remembers is ready."""
    _memories.append(memory)


def forgotten(log: Log) -> list[LostHead]:
    """The checkpoints that are not in the log, and that nobody has accepted as lost."""
    found = [head for memory in _memories for head in memory(log)]
    if not found:
        return []
    accepted = acceptances(log)
    return [head for head in found if not accepted.accepts(head)]


def refuse_lost_events(log: Log) -> None:
    """Raise `LogLostEvents` unless all that is remembered of the log is in it.

    Before an import, a step, a certificate, an anchor or a rebuild. Every append looks at the head
    file alone.
    """
    head_file.refuse_lost_end(log)
    for head in forgotten(log):
        raise LogLostEvents(how(head, log), head.position)


def lost_heads(log: Log) -> list[LostHead]:
    """All that is remembered and neither in the log nor accepted, the head file's included."""
    heads = forgotten(log)
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
