"""What a legacy row and its copy in the consolidated table both say, in comparable form."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import msgspec

from domain.backups.events import BackupCopyChangedInHost, HostBackupRow
from domain.consolidation.values import ColumnChoice, ColumnChoices
from domain.restores.events import HostRow, RestoreCopyChangedInHost
from domain.values import Columns, Value
from infrastructure.hosts.importing.row_encoder import ASSUMED
from infrastructure.hosts.moved_rows import MovedRows
from infrastructure.hosts.synonyms import BACKUP_TARGETS, RESTORE_TARGETS
from infrastructure.hosts.tables import HostTable

BACKUP, TARGET = "source_backup_id", "target_database"
APART = frozenset({BACKUP, TARGET})
"""Targets of a restore that need more than the values of two columns to be compared."""

CopyChanged = RestoreCopyChangedInHost | BackupCopyChangedInHost
Said = HostRow | HostBackupRow

_encode = msgspec.json.Encoder().encode


class SharedField(NamedTuple):
    """A value that both rows have: the columns that may hold it in each, best first.

    Without a legacy column, the legacy row has the value that is assumed for it.
    """

    target: str
    legacy: tuple[str, ...]
    copy: tuple[str, ...]


class SharedColumns:
    """Compares the rows of a legacy table with their copies in a consolidated table."""

    def __init__(
        self,
        legacy: HostTable,
        consolidated: HostTable,
        copy_names: Sequence[str],
        choices: ColumnChoices,
        moved: MovedRows,
    ) -> None:
        """`copy_names` are the columns of the consolidated table."""
        self.of_backups = legacy.holds_backups
        self.copy_names = copy_names
        self.moved = moved
        self._legacy: Mapping[str, ColumnChoice] = choices[legacy.label]
        self._copy: Mapping[str, ColumnChoice] = choices[consolidated.label]
        self.fields = cache(self._fields)

    def _fields(self, names: tuple[str, ...]) -> list[SharedField]:
        """The fields that a legacy row with columns of these names shares with its copy."""
        own = [name for name in self.copy_names if name in names and name != "id"]
        fields = []
        for target in BACKUP_TARGETS if self.of_backups else RESTORE_TARGETS:
            there = self.of_copy(target)
            legacy = self.of_legacy(target)
            assumed = target in ASSUMED and not self.of_backups
            if target not in APART and there and (legacy or assumed):
                fields.append(SharedField(target, legacy, there))
        used = _sources(self._legacy) | _sources(self._copy) | {TARGET}
        return fields + [SharedField(name, (name,), (name,)) for name in own if name not in used]

    def of_legacy(self, target: str) -> tuple[str, ...]:
        """The columns of the legacy table that fill a target."""
        return self._legacy[target].sources

    def of_copy(self, target: str) -> tuple[str, ...]:
        """The columns of the consolidated table that fill a target; also one that was added."""
        sources = self._copy[target].sources
        return sources or ((target,) if target in self.copy_names else ())

    def digest_of_legacy(self, columns: Columns) -> bytes:
        """A digest of what the copy of this row has to say, apart from backup and target."""
        return _digest([self.legacy_value(columns, one) for one in self.fields(tuple(columns))])

    def digest_of_copy(self, copy: Columns, names: tuple[str, ...]) -> bytes:
        """The same of a copy; `names` are the columns of the legacy row."""
        return _digest([self.copy_value(copy, one) for one in self.fields(names)])

    def targets_of_legacy(self, columns: Columns, database: str) -> tuple[Value, ...]:
        """The target databases that the copy of this row may have. `database` is its backup's: an
        empty target may have been copied as it is, or as it is derived from the backup."""
        if self.of_backups or not self.of_copy(TARGET):
            return ("",)
        own = first(columns, self.of_legacy(TARGET))
        return (own,) if own else ("", database)

    def target_of_copy(self, copy: Columns) -> Value:
        """The copy's target database; empty if it has none."""
        return "" if self.of_backups else first(copy, self.of_copy(TARGET)) or ""

    def legacy_value(self, columns: Columns, field: SharedField) -> Value:
        return _plain(first(columns, field.legacy) if field.legacy else ASSUMED[field.target])

    def copy_value(self, copy: Columns, field: SharedField) -> Value:
        return _plain(first(copy, field.copy))

    def differing(self, event: Said, copy: Columns) -> list[SharedField]:
        """The shared fields, other than backup and target, in which a copy is not this row's."""
        return [
            field
            for field in self.fields(tuple(event.columns))
            if self.legacy_value(event.columns, field) != self.copy_value(copy, field)
        ]

    def agrees(self, event: Said, copy: Columns) -> bool:
        """Whether a copy says what the row in this event said."""
        return (
            not self.differing(event, copy)
            and self.same_backup(event, copy)
            and self.same_target(event, copy)
        )

    def same_backup(self, event: Said, copy: Columns) -> bool:
        if self.of_backups or copy["id"] in self.moved.declared:
            return True
        return self.legacy_backup(event.columns) == self.copied_backup(copy)

    def same_target(self, event: Said, copy: Columns) -> bool:
        derived = str(event.derived.get(TARGET, ""))
        return self.target_of_copy(copy) in self.targets_of_legacy(event.columns, derived)

    def has_backup(self, copy: Columns, legacy: int) -> bool:
        """Whether a copy has the copy of this legacy backup; negative: none."""
        if self.of_backups or copy["id"] in self.moved.declared:
            return True
        return self.copied_backup(copy) == (legacy if legacy >= 0 else None)

    def backup_of_copy(self, copy: Columns) -> int | None:
        """The key of the copy's backup in the consolidated table."""
        key = first(copy, self.of_copy(BACKUP))
        return key if type(key) is int else None

    def legacy_backup(self, columns: Columns) -> Value:
        """The legacy backup of a row, if that was moved as well; else the copy has none."""
        if self.of_backups or not self.of_copy(BACKUP):
            return None
        key = first(columns, self.of_legacy(BACKUP))
        return key if self.moved.backups.number(key) is not None else None

    def copied_backup(self, copy: Columns) -> Value:
        """The legacy backup whose copy is the copy's backup. A declared copy may have any."""
        if self.of_backups:
            return None
        key = self.backup_of_copy(copy)
        original = self.moved.backups.original(key)
        return f"of its own: {key}" if original is None and key is not None else original


def first(columns: Mapping[str, Value], names: Collection[str]) -> Value:
    """The first of these columns that is not null."""
    for name in names:
        value = columns.get(name)
        if value is not None:
            return value
    return None


def _sources(choices: Mapping[str, ColumnChoice]) -> set[str]:
    return {name for choice in choices.values() for name in choice.sources}


def _plain(value: Value) -> Value:
    """A truth value as a number, and an empty text as null: one of the tables may store it so."""
    if value == "":
        return None
    return int(value) if isinstance(value, bool) else value


def _digest(values: Sequence[Value]) -> bytes:
    return sha256(_encode(values)).digest()[:16]
