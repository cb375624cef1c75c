"""The certificates that lie in the service's own folder, by their SHA-256."""

from pathlib import Path

from projections.consolidation.pending_files import notes_folder
from projections.consolidation.snapshot import digest_of_file

MOST_FILES = 500
"""The newest files that are looked at: each step leaves one."""


def certificate_file(sha256: str) -> Path | None:
    """The file with this SHA-256; None if it was written elsewhere, or taken away."""
    newest_first = sorted(notes_folder().glob("*.json"), key=lambda path: path.name[-25:])[::-1]
    for path in newest_first[:MOST_FILES]:
        if path.is_file() and digest_of_file(path) == sha256:
            return path
    return None
