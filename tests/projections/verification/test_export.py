"""The file of rows: whole or not there, and what a certificate says of it."""

import fcntl
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infrastructure.documents.signed import CannotWrite, partial
from infrastructure.output_files import WouldOverwrite, refuse_overwriting
from projections.verification.certificate.export import Export, rows_of, rows_output

ROW = b'{"side":"host","table":"app_log","pk":7,"cells":["i1:7","t2:\xc3\xa9"]}\n'
ROWS = ROW + b'{"side":"projection","table":"app.Log","pk":8,"cells":["-"]}\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.ndjson"


def write_rows(export: Export) -> None:
    export.add("host", "app_log", [7], [("i1:7", "t2:é")])
    export.add("projection", "app.Log", [8], [["-"]])


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As on a full disk: writing beyond this fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_each_row_is_a_line(path: Path):
    with Export(path) as export:
        write_rows(export)
        assert not path.exists()
        assert export.finish() == (
            2,
            "cb797750f1bf4910e80dceb3933dfbd5bad0aa825153d77035d44187934ecbe4",
        )
    assert path.read_bytes() == ROWS


def test_of_no_rows_there_is_an_empty_file(path: Path):
    with Export(path) as export:
        assert export.finish() == (
            0,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )
    assert path.read_bytes() == b""


def test_text_that_is_not_unicode_is_escaped(path: Path):
    with Export(path) as export:
        export.add("host", "app_log", [7, 8], [("t2:\udcff", "-"), ("t1:a", "-")])
        export.finish()
    assert path.read_bytes() == (
        b'{"side":"host","table":"app_log","pk":7,"cells":["t2:\\udcff","-"]}\n'
        b'{"side":"host","table":"app_log","pk":8,"cells":["t1:a","-"]}\n'
    )


def test_a_step_that_is_tried_again_may_finish_it_again(path: Path):
    with Export(path) as export:
        write_rows(export)
        first = export.finish()
        path.unlink()
        assert export.finish() == first
    assert not path.exists()


def test_rows_and_keys_have_to_be_as_many(path: Path):
    with Export(path) as export, pytest.raises(ValueError, match="shorter"):
        export.add("host", "app_log", [7, 8], [("i1:7",)])


def test_columns_as_rows():
    assert list(rows_of([["i1:7", "i1:8"], ["t1:a", "-"]])) == [("i1:7", "t1:a"), ("i1:8", "-")]


def test_columns_of_different_lengths_are_no_rows():
    with pytest.raises(ValueError, match="shorter"):
        list(rows_of([["i1:7", "i1:8"], ["t1:a"]]))


def test_if_it_is_not_finished_nothing_is_left(path: Path):
    with Export(path) as export:
        write_rows(export)
        with partial(path).open("rb") as begun:
            export.__exit__()
            # Nobody holds it any more.
            fcntl.flock(begun, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert list(path.parent.iterdir()) == []


def test_a_finished_file_is_held_by_nobody(path: Path):
    export = Export(path)
    export.finish()
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_what_there_is_is_brought_to_disk_before_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    brought: list[int] = []
    fsync = os.fsync

    def note(file: int) -> None:
        brought.append(os.fstat(file).st_size)
        fsync(file)

    with Export(path) as export:
        write_rows(export)
        monkeypatch.setattr(os, "fsync", note)
        export.sync()
    assert brought == [len(ROWS)]


def test_a_file_that_cannot_be_made_is_said(path: Path):
    nowhere = path / "nowhere" / "rows.ndjson"
    with pytest.raises(CannotWrite, match=r"/rows\.ndjson cannot be written: No such file"):
        Export(nowhere)


def test_a_full_disk_is_said(path: Path):
    with (
        Export(path) as export,
        no_file_longer_than(1_000),
        pytest.raises(CannotWrite, match=r"/rows\.ndjson cannot be written: File too large"),
    ):
        export.add("host", "app_log", [7], [("t20000:" + "x" * 20_000,)])
    assert list(path.parent.iterdir()) == []


def test_so_it_is_when_what_there_is_is_brought_to_disk(path: Path):
    with Export(path) as export:
        write_rows(export)
        with (
            no_file_longer_than(10),
            pytest.raises(CannotWrite, match=r"/rows\.ndjson cannot be written: File too large"),
        ):
            export.sync()


def test_and_when_it_is_put_in_place(path: Path):
    path.mkdir()
    with Export(path) as export:
        write_rows(export)
        with pytest.raises(CannotWrite, match=r"/rows\.ndjson cannot be written: Is a directory"):
            export.finish()
    assert list(path.parent.iterdir()) == [path]


def test_on_a_full_disk_an_unfinished_file_is_given_up_without_another_word(path: Path):
    with no_file_longer_than(10), Export(path) as export:
        write_rows(export)
    assert list(path.parent.iterdir()) == []


def test_only_its_owner_can_read_it(path: Path):
    with Export(path) as export:
        write_rows(export)
        assert stat.S_IMODE(partial(path).stat().st_mode) == 0o600
        export.finish()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_takes_the_place_of_rows_and_of_nothing_else(path: Path):
    path.write_bytes(ROWS)
    refuse_overwriting([rows_output(path)])
    path.write_text('{"slide": 1}')
    said = rf"^export={path}: there is a file of that name, and it is no file of rows\."
    with pytest.raises(WouldOverwrite, match=said):
        refuse_overwriting([rows_output(path)])
