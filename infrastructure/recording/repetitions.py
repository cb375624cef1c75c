"""Commands that a program numbers: the same number again gets the first result, for ever.

A program that cannot reach the service keeps its commands and sends them later. It does not know
which of them arrived. So it numbers them, for each restore or backup, and the number is in the
log. See `domain.events.Metadata`.
"""

from collections.abc import Callable, Collection, Mapping
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from domain.aggregate import Aggregate
from domain.errors import DomainError
from domain.events import Actor
from infrastructure.event_store.log import Log
from infrastructure.recording.streams import save, utc_now

A = TypeVar("A", bound=Aggregate)

NOT_CONTENT = frozenset({"correlation", "causation", "request_id", "sequence", "now"})
"""What may differ when the same command is sent again."""


class SequenceTaken(DomainError):
    """`sequence` was used for another command before."""

    code = "sequence_taken"

    def __init__(self, what: str, sequence: int) -> None:
        super().__init__(
            f"Number {sequence} of {what} is already in the log, with another command or other "
            "contents. Nothing was recorded. Each command needs a number of its own."
        )


def with_digest(command: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given with a command; for a numbered one, also the command's digest."""
    if given.get("sequence") is None:
        return dict(given)
    content = {name: value for name, value in given.items() if name not in NOT_CONTENT}
    said = msgspec.json.encode([command, content], order="deterministic")
    return {**given, "command_digest": sha256(said).hexdigest()}


def first_result(aggregate: A, given: Mapping[str, Any], what: str) -> A | None:
    """The aggregate as it was after the command with this number; None if the number is new.

    `given` is as returned by `with_digest`; `what` names the restore or backup. Raises
    `SequenceTaken` if the number was another command's.
    """
    sequence = given.get("sequence")
    if sequence is None:
        return None
    its = [event for event in aggregate.events if event.metadata.sequence == sequence]
    if not its:
        return None
    if any(event.metadata.command_digest != given["command_digest"] for event in its):
        raise SequenceTaken(what, sequence)
    until = its[-1].originator_version
    return type(aggregate).from_events(aggregate.id, aggregate.events[:until])


def decide_once(
    log: Log,
    aggregate: A,
    what: str,
    changed: Callable[[UUID, int], DomainError],
    command: Callable[..., None],
    /,
    *,
    actor: Actor,
    expected_versions: Collection[int] | None = None,
    **given: Any,
) -> A:
    """Let an aggregate decide on a command, and append its event.

    A numbered command that is in the log already is not decided again: the aggregate is returned
    as it was after it. `what` names the aggregate in messages. Raises the error that `changed`
    makes if the aggregate is at another version than the expected ones.
    """
    given = with_digest(command.__name__, given)
    known = first_result(aggregate, given, f"{what} {aggregate.id}")
    if known is not None:
        return known
    if expected_versions is not None and aggregate.version not in expected_versions:
        raise changed(aggregate.id, aggregate.version)
    command(aggregate, actor=actor, now=utc_now(), **given)
    save(log, aggregate)
    return aggregate
