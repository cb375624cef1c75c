"""The backup that a body names, as the services take it: by its UUID."""

from typing import Any

from projections.history.lookup import the_one_backup


def with_backup(given: dict[str, Any]) -> dict[str, Any]:
    """What was given, with the backup's UUID in place of `source_backup`.

    Raises `BackupNotFound`, and `AmbiguousBackup` for an id that two backups have.
    """
    if "source_backup" not in given:
        return given
    key = given.pop("source_backup")
    return {**given, "backup_id": the_one_backup(str(key))}


def with_amended_backup(given: dict[str, Any]) -> dict[str, Any]:
    """The same for the `changes` of an amendment, which may also take the backup away."""
    changes: dict[str, Any] = given["changes"]
    if "source_backup" not in changes:
        return given
    key = changes.pop("source_backup")
    if key is None:
        changes["source_backup_id"] = None
        return given
    return given | with_backup({"source_backup": key})
