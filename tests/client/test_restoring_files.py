"""Backups that are files are restored: SQLite databases, directories, tar archives."""

import io
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from api.client.commands.command_line import main
from tests.client.support import environment
from tests.support.service import ROOT, Result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def restore(backup: Path, target: Path, *more: str) -> Result:
    """Restore in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["restore-backup", f"--file={backup}", f"--target={target}", *more])
    return Result(code, out.getvalue(), err.getvalue(), None)


def refused(done: Result, code: int, *words: str) -> None:
    """It ended with this code and one line of error."""
    lines = [line for line in done.err.splitlines() if line.startswith("restorelog: error:")]
    assert (done.code, len(lines)) == (code, 1), done
    for word in words:
        assert word in lines[0]


def make_database(path: Path, rows: int = 3) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute('CREATE TABLE "order ""s" (id INTEGER PRIMARY KEY, what TEXT)')
        numbers = ((f"thing {n}" * 50,) for n in range(rows))
        database.executemany('INSERT INTO "order ""s" (what) VALUES (?)', numbers)
        database.commit()
    return path


def rows_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute('SELECT count(*) FROM "order ""s"').fetchone()[0])


def make_tree(path: Path, text: str = "one") -> Path:
    (path / "empty").mkdir(parents=True)
    (path / "sub").mkdir()
    (path / "sub" / "a b\n").write_text(text)
    (path / "program").write_text("#!/bin/sh\n")
    (path / "program").chmod(0o750)
    (path / "link").symlink_to("sub/a b\n")
    os.utime(path / "program", (1_000_000_000, 1_000_000_000))
    return path


def seen(path: Path) -> Any:
    """All there is to see of a tree."""
    found = {}
    for one in sorted(path.rglob("*")):
        what: Any = None
        if one.is_symlink():
            what = os.readlink(one)
        elif one.is_file():
            what = one.read_bytes(), one.stat().st_mode, one.stat().st_mtime
        found[str(one.relative_to(path))] = what
    return found


def beside(target: Path) -> list[str]:
    """What is left beside a target, without the time in its name."""
    names = [one.name for one in target.parent.iterdir() if one.name.startswith(f"{target.name}_")]
    return sorted(name.rpartition("_")[0] for name in names)


def make_tar(path: Path, tree: Path) -> Path:
    with tarfile.open(path, "w") as archive:
        archive.add(tree, ".")
    return path


def packed(kind: str, folder: Path) -> Path:
    """A backup of this kind; all but SQLite's hold what `make_tree` makes."""
    if kind == "sqlite":
        return make_database(folder / "backup")
    tree = make_tree(folder / "tree")
    if kind == "directory":
        return tree
    plain = make_tar(folder / "backup", tree)
    if kind == "tar.gz":
        subprocess.run(["gzip", plain], check=True)
        return plain.with_name("backup.gz")
    if kind == "tar.zst":
        subprocess.run(["zstd", "-q", plain], check=True)
        return plain.with_name("backup.zst")
    return plain


def target_of(kind: str, folder: Path) -> Path:
    """Something older that a backup of this kind can replace."""
    target = folder / "live" / "data"
    target.parent.mkdir()
    return make_database(target, 1) if kind == "sqlite" else make_tree(target, "older")


def content(kind: str, path: Path) -> Any:
    return rows_of(path) if kind == "sqlite" else seen(path)


KINDS = ("sqlite", "directory", "tar", "tar.gz", "tar.zst")


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_becomes_a_new_target_or_replaces_one_that_is_kept(kind: str, folder: Path):
    backup, old = packed(kind, folder), target_of(kind, folder)
    whole = 3 if kind == "sqlite" else seen(folder / "tree")
    before = content(kind, old)

    new = old.with_name("new")
    done = restore(backup, new)
    assert (done.code, content(kind, new), beside(new)) == (0, whole, []), done
    assert done.err.count("warning: no checksum was recorded") == 1
    assert done.out.splitlines()[-2:] == [
        "restorelog progress 100% swapping", f"{backup} is restored in {new}.",
    ]  # fmt: skip

    left = old.with_name("data_restoring_20260301T120000")
    left.mkdir()
    done = restore(backup, old)
    refused(done, 2, "exists already", "--overwrite")
    assert f"warning: a restore that was killed, or is still at work, made {left}. " in done.err
    left.rmdir()
    assert (content(kind, old), beside(old)) == (before, [])

    done = restore(backup, old, "--overwrite")
    assert (done.code, content(kind, old), beside(old)) == (0, whole, ["data_before"]), done
    (line,) = [line for line in done.out.splitlines() if "is kept as" in line]
    kept = Path(line.split()[-1])
    assert content(kind, kept) == before
    subprocess.run(line.partition("To remove it: ")[2], shell=True, check=True)
    assert beside(old) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_right_leaves_the_target_as_it_was(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    backup, old = packed(kind, folder), target_of(kind, folder)
    before = content(kind, old)

    def fails(code: int, *words: str, more: tuple[str, ...] = ()) -> None:
        refused(restore(backup, old, "--overwrite", *more), code, *words)
        assert (content(kind, old), beside(old)) == (before, [])

    fails(1, "was changed: its checksum is sha256:", more=(f"--checksum=sha256:{'0' * 64}",))
    fails(1, "was registered with 7", more=("--size=7",))
    fails(2, "was registered as mysql-plain", more=("--format=mysql-plain",))
    (folder / "contents").write_text('{"nobody": 3}')
    fails(1, "nobody is missing", more=(f"--contents={folder / 'contents'}",))
    with (old if kind == "sqlite" else old / "program").open("rb") as file:
        user = subprocess.Popen(["sleep", "60"], stdin=file)
        fails(2, "in use by sleep", f"(pid {user.pid})")
        user.kill()
        user.wait()
    if kind == "tar.zst":
        with monkeypatch.context() as patched:
            patched.setenv("PATH", "/nowhere")
            fails(127, "zstd is needed for this")
    if kind != "directory":
        size = backup.stat().st_size
        os.truncate(backup, size - 400 if kind == "sqlite" else size // 2)
        fails(1, "damaged")
        backup.unlink()
    else:
        shutil.rmtree(backup)
    fails(2, "cannot be read: No such file")


@pytest.mark.parametrize("kind", ["sqlite", "directory", "tar"])
def test_a_full_disk_leaves_the_target_as_it_was(kind: str, folder: Path):
    backup, old = packed(kind, folder), target_of(kind, folder)
    big = os.urandom(300_000)
    if kind == "sqlite":
        with closing(sqlite3.connect(backup)) as database:
            database.execute('INSERT INTO "order ""s" (what) VALUES (?)', (big,))
            database.commit()
    else:
        (folder / "tree" / "big").write_bytes(big)
        backup = make_tar(folder / "backup", folder / "tree") if kind == "tar" else backup
    before = content(kind, old)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        done = restore(backup, old, "--overwrite")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    refused(done, 1, "File too large")
    assert (content(kind, old), beside(old)) == (before, [])


HOSTILE = {
    "an absolute name": [{"name": "/tmp/evil"}],
    "a name that climbs": [{"name": "sub/../../evil"}],
    "a link that leads out": [{"name": "out", "type": tarfile.SYMTYPE, "linkname": "../evil"}],
    "an absolute link": [{"name": "out", "type": tarfile.SYMTYPE, "linkname": "/etc"}],
    "a file behind a link": [
        {"name": "sub", "type": tarfile.SYMTYPE, "linkname": "."}, {"name": "sub/evil"},
    ],
    "a hard link that leads out": [{"name": "out", "type": tarfile.LNKTYPE, "linkname": "../x"}],
    "a hard link to what is not there": [{"name": "a", "type": tarfile.LNKTYPE, "linkname": "b"}],
    "a device": [{"name": "null", "type": tarfile.CHRTYPE}],
    "a pipe": [{"name": "pipe", "type": tarfile.FIFOTYPE}],
}  # fmt: skip


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_an_archive_never_writes_outside_of_its_target(members: list[Any], folder: Path):
    backup = folder / "archive"
    with tarfile.open(backup, "w") as archive:
        for facts in members:
            member = tarfile.TarInfo(facts["name"])
            member.type, member.linkname = facts.get("type", b"0"), facts.get("linkname", "")
            archive.addfile(member, io.BytesIO())
    refused(restore(backup, folder / "target"), 2, members[-1]["name"])
    assert sorted(one.name for one in folder.iterdir()) == ["archive"]


def test_the_checksum_of_a_directory_can_be_made_with_sha256sum(folder: Path):
    tree = make_tree(folder / "tree")
    (tree / "link").unlink()
    (tree / "empty").rmdir()
    line = "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum -z | sha256sum"
    told = subprocess.run(line, shell=True, cwd=tree, capture_output=True, check=True, text=True)
    checksum = f"--checksum=sha256:{told.stdout.split()[0]}"
    assert restore(tree, folder / "copy", checksum).err == ""
    (tree / "sub" / "more").write_text("")
    refused(restore(tree, folder / "other", checksum), 1, "was changed")


def test_what_lay_beside_a_database_is_kept_with_it(folder: Path):
    """A write-ahead log of the old database must not be read into the new one."""
    backup, old = make_database(folder / "backup"), folder / "live"
    old.write_bytes(b"damaged" * 1000)
    (folder / "live-wal").write_bytes(b"its log")
    done = restore(backup, old, "--overwrite")
    assert (done.code, rows_of(old)) == (0, 3), done
    (kept,) = folder.glob("live_before_*-wal")
    assert kept.read_bytes() == b"its log"


KILLED = """
import os, signal, sys
from api.client.commands.command_line import main
from api.client.restoring import swapping
moment, exchange, words = sys.argv[1], sys.argv[2] == "exchange", sys.argv[3:]
rename, try_rename, count = os.rename, swapping._rename, 0
def at(name):
    if name == moment:
        os.kill(os.getpid(), signal.SIGKILL)
def counted(*names):
    global count
    rename(*names)
    count += 1
    at(f"rename {count}")
def tried(*given):
    done = exchange and try_rename(*given)
    at("exchange")
    return done
swapping.os.rename, swapping._rename = counted, tried
sys.exit(main(words))
"""


@pytest.mark.parametrize(
    ("kind", "how", "moment"),
    [
        *(("sqlite", "exchange", "rename 1"), ("sqlite", "exchange", "exchange")),
        *(("directory", "renames", f"rename {number}") for number in (1, 2, 3, 4)),
    ],
)
def test_killed_in_the_swap_there_is_a_target_or_the_next_run_puts_it_back(
    kind: str, how: str, moment: str, folder: Path
):
    backup, old = packed(kind, folder), target_of(kind, folder)
    whole = 3 if kind == "sqlite" else seen(folder / "tree")
    before = content(kind, old)
    words = ["restore-backup", f"--file={backup}", f"--target={old}", "--overwrite"]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, moment, how, *words],
        cwd=ROOT, env=environment(folder), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done
    if (how, moment) == ("renames", "rename 3"):
        assert not old.exists()
        told = restore(backup, old)
        refused(told, 2, "exists already")
        assert f"{old} was missing" in told.err
    swapped = moment in ("exchange", "rename 4")
    assert content(kind, old) == (whole if swapped else before)
    assert restore(backup, old, "--overwrite").code == 0
    assert content(kind, old) == whole


def test_it_goes_on_when_nobody_reads_what_it_says(folder: Path):
    backup, target = make_tree(folder / "tree"), folder / "target"
    words = ["restore-backup", f"--file={backup}", f"--target={target}"]
    with open("/dev/full", "w") as full:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "api/client"), *words],
            env=environment(folder), stdout=subprocess.PIPE, stderr=full,
        )  # fmt: skip
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait() == 0
    assert seen(target) == seen(backup)


def test_a_signal_ends_it_and_nothing_is_left(folder: Path):
    """A pipe that nobody writes to: the restore waits in its middle until it is ended."""
    backup, target = make_tree(folder / "tree"), folder / "target"
    slow = folder / "slow.py"
    slow.write_text(
        "import sys, time\n"
        "from api.client.commands.command_line import main\n"
        "from api.client.restoring import copying\n"
        "def wait(*given):\n"
        "    print('waiting', flush=True)\n"
        "    time.sleep(60)\n"
        "copying.copy_facts = wait\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, slow, "restore-backup", f"--file={backup}", f"--target={target}"],
        env={**environment(folder), "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert "waiting\n" in iter(process.stdout.readline, "")
    assert beside(target) == ["target_restoring"]
    process.terminate()
    _, said = process.communicate()
    assert (process.returncode, beside(target), target.exists()) == (143, [], False)
    assert "ended by SIGTERM" in said
