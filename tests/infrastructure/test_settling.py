"""Files that a step wrote stay if the log names them, and go if it does not, now or later."""

import fcntl
import os
import sqlite3
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connections
from django.test import override_settings

from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import CutOver
from domain.events import Metadata
from infrastructure.databases import new_connection
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.consolidation.pending_files import notes_folder, settled
from tests.builders import requested
from tests.support import raw


class Stopped(Exception):
    """What a step fails with, here."""


@pytest.fixture(autouse=True)
def folder(database: str, tmp_path: Path):
    """A service of its own, whose files are here; its log has begun."""
    Log().append([new_event(requested(1))])
    with override_settings(BASE_DIR=tmp_path):
        yield tmp_path


def write(files: dict[str, Path]) -> None:
    files["certificate"].write_text('{"certificate":{}}\n')
    files["export"].write_text('{"side":"host"}\n')
    with closing(sqlite3.connect(files["snapshot"])) as made, made:
        made.execute("CREATE TABLE snapshot_format (version)")


def files_in(folder: Path) -> dict[str, Path]:
    return {kind: folder / f"a {kind}" for kind in ("certificate", "export", "snapshot")}


def name(files: dict[str, Path]) -> None:
    """Have the log name the certificate and the snapshot."""
    hashes = {k: sha256(files[k].read_bytes()).hexdigest() for k in ("certificate", "snapshot")}
    event = CutOver(
        originator_id=CONSOLIDATION_ID, originator_version=1, metadata=Metadata(actor="ada"),
        **hashes, mappings={}, accepted_quarantined=0,
    )  # fmt: skip
    Log().append([new_event(event)])


def left(files: dict[str, Path]) -> set[str]:
    return {kind for kind, file in files.items() if file.exists()}


def notes() -> list[str]:
    return [path.name for path in notes_folder().glob(".*")]


def fail(files: dict[str, Path]) -> None:
    with suppress(Stopped), settled(files):
        write(files)
        raise Stopped


def test_a_step_that_fails_leaves_no_file_that_the_log_does_not_name(folder: Path):
    files = files_in(folder)
    fail(files)
    assert left(files) == set()
    assert notes() == []


def test_what_was_there_before_stays(folder: Path):
    files = files_in(folder)
    write(files)
    for file in files.values():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    with suppress(Stopped), settled(files):
        raise Stopped
    assert left(files) == set(files)


def test_what_somebody_else_is_at_work_with_stays(folder: Path):
    files = files_in(folder)
    with suppress(Stopped), settled(files):
        write(files)
        theirs = files["snapshot"].open("rb")
        fcntl.flock(theirs, fcntl.LOCK_EX)
        raise Stopped
    theirs.close()
    assert left(files) == {"snapshot"}


def test_a_file_of_another_kind_stays(folder: Path):
    files = files_in(folder)
    with suppress(Stopped), settled(files):
        files["certificate"].write_text("my notes")
        raise Stopped
    assert left(files) == {"certificate"}


def test_if_the_log_cannot_be_asked_the_next_step_asks_it(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch
):
    files = files_in(folder)
    monkeypatch.setattr(new_connection, "ATTEMPTS", 1)
    with suppress(Stopped), settled(files):
        write(files)
        connections.close_all()
        raw.execute(database, "ALTER TABLE event_store_head RENAME TO elsewhere")
        raise Stopped
    connections.close_all()
    raw.execute(database, "ALTER TABLE elsewhere RENAME TO event_store_head")
    assert left(files) == set(files)
    assert len(notes()) == 1
    with settled({"certificate": folder / "another"}):
        assert left(files) == set()
    assert notes() == []


def test_a_killed_step_is_settled_by_the_next_one_and_what_the_log_names_stays(folder: Path):
    files = files_in(folder)
    with settled(files):
        write(files)
        name(files)
        (note,) = notes_folder().glob(".*")
        kept = note.read_bytes()
    note.write_bytes(kept)  # as if it had come no further
    with settled({"certificate": folder / "another"}):
        assert left(files) == set(files)
    assert notes() == []
