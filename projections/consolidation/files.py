"""The file that a step writes to when none was named."""

from datetime import UTC, datetime
from pathlib import Path

from infrastructure.documents.signed import CannotWrite, remove_abandoned
from projections.consolidation.pending_files import notes_folder


def file_for(given: Path | None, name: str, suffix: str) -> Path:
    """The file that was named; else a new one in `var/consolidation`, named after the time."""
    if given is not None:
        return given
    folder = notes_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(folder, error) from error
    remove_abandoned(folder)  # no later run uses their names
    return folder / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{suffix}"
