"""Where a step writes what nobody named a file for."""

from datetime import UTC, datetime
from pathlib import Path

from infrastructure.documents.signed import CannotWrite, remove_abandoned
from projections.consolidation.pending_files import notes_folder


def file_for(given: Path | None, name: str, suffix: str) -> Path:
    """The file that was named; else a new one in `var/consolidation`, called after the moment."""
    if given is not None:
        return given
    folder = notes_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(folder, error) from error
    remove_abandoned(folder)  # under names that no other run will choose
    return folder / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{suffix}"
