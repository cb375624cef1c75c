"""The restores that the demo runs: one fails for want of room, however large the backup is."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

COMMAND = (sys.executable, "-m", "tests.sample_host.restore_command")


def backup(path: Path, page_size: int, rows: int) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA page_size = {page_size}")
        database.execute("CREATE TABLE orders (note TEXT)")
        database.executemany("INSERT INTO orders VALUES (?)", [("x" * 500,)] * rows)
        database.commit()
    return path


@pytest.mark.parametrize(("page_size", "rows"), [(512, 30), (4_096, 3_000), (65_536, 3_000)])
def test_a_copy_fails_if_there_is_no_room_for_all_of_it(
    page_size: int, rows: int, tmp_path: Path
) -> None:
    source = backup(tmp_path / "backup", page_size, rows)
    for room, code, said in (("60", 1, "full"), ("100", 0, "")):
        copying = ["copy", str(source), str(tmp_path / room), "--seconds", "0", "--room", room]
        done = subprocess.run([*COMMAND, *copying], capture_output=True, text=True, check=False)
        assert (done.returncode, said in done.stderr) == (code, True), done.stderr
        assert "restorelog progress " in done.stdout
    checked = subprocess.run([*COMMAND, "check", str(tmp_path / "100")], check=False)
    assert checked.returncode == 0
