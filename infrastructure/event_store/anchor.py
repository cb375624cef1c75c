"""Anchors: signed records of the log's head, to be kept out of reach of the log's owner.

The chain reveals that an event was changed. It cannot reveal that the owner recomputed the chain,
or cut off its end together with the head. An earlier anchor does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from domain.administration.values import LostHead
from domain.errors import RestoreLogError
from domain.events import both_names
from infrastructure.documents.keys import PublicKey, Signer
from infrastructure.documents.signed import NotTrusted, open_signed, signed
from infrastructure.event_store.errors import BrokenChain
from infrastructure.event_store.log import Log
from infrastructure.event_store.remembered_heads import refuse_lost_events

FORMAT = "restore-log-anchor/1"


class NothingToAnchor(RestoreLogError):
    code = "nothing_to_anchor"

    def __init__(self) -> None:
        super().__init__("The log is empty, so there is nothing to anchor yet.")


class UnusableAnchor(RestoreLogError):
    code = "unusable_anchor"

    def __init__(self, name: Path | str, why: str) -> None:
        super().__init__(f"The anchor {name} cannot be used: {why}")


class Anchor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The head of a log. `log` is the hash of its first event, which identifies the log."""

    format: str
    log: str
    position: int
    head: str
    issued_at: str
    issued_by: str

    def file(self, signer: Signer) -> bytes:
        """The anchor as a signed document."""
        return signed("anchor", msgspec.to_builtins(self), signer)


@dataclass(frozen=True)
class AnchorMismatch:
    """Where and how the log differs from the anchored one."""

    position: int
    problem: str


def anchor(actor: str, log: Log | None = None, missing: Iterable[LostHead] = ()) -> Anchor:
    """An anchor of the log as it is now; `LogLostEvents` if it is not the one remembered.

    `missing` are the checkpoints that are not in the log.
    """
    log = log or Log()
    refuse_lost_events(log, missing)
    head = log.head()
    first = log.hash_at(1)
    if head.position == 0 or first is None:
        raise NothingToAnchor
    if log.hash_at(head.position) != head.hash:
        raise BrokenChain(head.position)
    return Anchor(
        format=FORMAT,
        log=first.hex(),
        position=head.position,
        head=head.hash.hex(),
        issued_at=datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        issued_by=both_names(actor),
    )


def read_anchor(path: Path, key: PublicKey) -> Anchor:
    """The anchor in this file; `UnusableAnchor` unless the owner of the key signed it."""
    try:
        document = path.read_bytes()
    except OSError as error:
        raise UnusableAnchor(path, f"{error.strerror}.") from error
    return anchor_in(document, path, key)


def anchor_in(document: bytes, name: Path | str, key: PublicKey) -> Anchor:
    """The same of a file's content; the error has the file's name."""
    try:
        content: Any = open_signed("anchor", document, key)
        found = msgspec.convert(content, Anchor)
    except (NotTrusted, msgspec.ValidationError) as error:
        raise UnusableAnchor(name, str(error)) from error
    if found.format != FORMAT:
        raise UnusableAnchor(name, f"it is a {found.format}; this version reads {FORMAT}.")
    return found


def anchor_mismatch(anchor: Anchor, log: Log | None = None) -> AnchorMismatch | None:
    """How this log differs from the anchored one; None if it is the same log, perhaps longer.

    Compares hashes only. `verify_chain` checks that the events match them.
    """
    log = log or Log()
    first = log.hash_at(1)
    if first is None or first.hex() != anchor.log:
        why = "the first event is not the anchored log's: this is another log, or a recomputed one"
        return AnchorMismatch(1, why)
    end = log.head().position
    if end < anchor.position:
        why = f"the log ends at position {end}, and it was anchored at {anchor.position}"
        return AnchorMismatch(end + 1, why)
    at = log.hash_at(anchor.position)
    if at is None or at.hex() != anchor.head:
        why = (
            "the chain's hash here is not the anchored one: this event, or one before it, was "
            "changed and the chain recomputed"
        )
        return AnchorMismatch(anchor.position, why)
    return None
