"""What a search found: each reference with what happens to it."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from infrastructure.references.meanings import Origin
from infrastructure.references.uses import Use, UseKind

OWN_EXPORT = "it is the legacy app's own"
REGISTERED = (
    "keep it read-only as long as the legacy model is there (has_add_permission, "
    "has_change_permission and has_delete_permission return False), or remove it: "
)


class ReferenceAction(StrEnum):
    """What happens to a reference."""

    PATCH = "patch"
    """The patch changes it, or changes the import that it goes by."""
    BY_HAND = "by_hand"
    STAYS = "stays"
    """It belongs to the legacy app, and goes with the model."""
    HISTORY = "history"
    """It is in a migration, which is never changed."""


@dataclass(frozen=True)
class LegacyReference:
    """A place that uses the legacy model. `advice` is what to do, or to know once it is done."""

    file: str
    line: int
    column: int
    symbol: str
    kind: UseKind
    action: ReferenceAction
    advice: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class ReferenceReport:
    """The references of a tree, in order, and what could not be looked at."""

    references: list[LegacyReference]
    files: int
    left_out: dict[str, str]
    unread: dict[str, str]
    models: list[str] = field(default_factory=list)
    """Where the legacy model is defined; none if its source is not in the tree."""

    @property
    def is_complete(self) -> bool:
        return not self.unread

    def count(self, action: ReferenceAction) -> int:
        return sum(one.action is action for one in self.references)


def reference(use: Use) -> LegacyReference:
    """The reference that a use is."""
    action, advice = outcome_of(use)
    return LegacyReference(use.path, use.line, use.column, use.symbol, use.kind, action, advice)


def outcome_of(use: Use) -> tuple[ReferenceAction, str]:
    """What happens to a use, and what to do or to know, once it is known what stays."""
    origin = use.origin
    if use.is_history:
        return ReferenceAction.HISTORY, ""
    if use.kind is UseKind.DEFINITION and use.note:
        return ReferenceAction.PATCH, use.note
    if use.todo:
        return ReferenceAction.BY_HAND, use.todo
    if origin is None or origin.why_not == OWN_EXPORT:
        return ReferenceAction.STAYS, "it goes when the legacy model goes"
    if origin.why_not:
        return ReferenceAction.BY_HAND, _once_possible(use, origin)
    return ReferenceAction.PATCH, use.note


def _once_possible(use: Use, origin: Origin) -> str:
    """What to do with a use whose import the patch leaves as it is, and why it does."""
    if use.kind is UseKind.ADMIN and use.rename is None:
        return f"{REGISTERED}{origin.why_not}"
    if use.rename is not None and use.kind is not UseKind.GET_MODEL:
        return f"{use.rename.new}, once this file uses the consolidated model"
    if use.kind in (UseKind.IMPORT, UseKind.STAR, UseKind.GET_MODEL):
        return f"it stays for now: {origin.why_not}"
    return f"it follows {_where(use, origin)}, which stays: {origin.why_not}"


def _where(use: Use, origin: Origin) -> str:
    line, _ = origin.file.place(origin.node)
    return f"line {line}" if origin.file.path == use.path else f"{origin.file.path}, line {line}"
