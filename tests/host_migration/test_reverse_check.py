"""The migration is tried on a copy of the host, forward and backward."""

from pathlib import Path

from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage
from tests.sample_host.build import make_host
from tests.support import copying, here, postgres


def copy_of(stage: Stage, folder: Path) -> str:
    """A copy of the host as an operator restores it from a backup."""
    if stage.host.startswith("sqlite"):
        url = f"sqlite:///{folder / 'restored.sqlite3'}"
    else:
        url = postgres.fresh_database()
    copying.copy(stage.host, url)
    return url


def test_every_row_of_a_restored_copy_is_as_before(stage: Stage, tmp_path: Path):
    before = stage.state()
    told = stage.write(f"--reverse-check={copy_of(stage, tmp_path)}").json["reverse_check"]
    assert (told["equal"], told["differences"]) == (True, [])
    assert told["rows"][LEGACY] == told["rows"][CONSOLIDATED] == 120
    assert stage.state() == before


def test_on_sqlite_the_copy_is_made_and_on_a_server_it_has_to_be_named(small: Stage):
    done = small.write("--reverse-check", check=False)
    if small.host.startswith("sqlite"):
        assert (done.code, done.json["reverse_check"]["equal"]) == (0, True)
    else:
        assert done.code == 2
        assert done.err.strip().endswith("--reverse-check URL")


def test_a_further_one_is_tried_too(small: Stage, tmp_path: Path):
    small.forward()
    small.old_code_writes(1)
    copy = copy_of(small, tmp_path)
    told = small.write("--top-up", f"--reverse-check={copy}").json["reverse_check"]
    assert (told["equal"], told["differences"]) == (True, [])


def test_the_host_itself_and_another_database_are_refused(small: Stage, tmp_path: Path):
    before = small.state()
    done = small.write(f"--reverse-check={small.host}", check=False)
    assert (done.code, "it is the host itself" in done.err) == (2, True)
    another = f"sqlite:///{tmp_path / 'another.sqlite3'}"
    make_host(another, rows=3, seed=77)
    done = small.write(f"--reverse-check={another}", check=False)
    assert done.code == 2
    assert "not a copy of the host" in done.err or "as the host is" in done.err
    assert small.state() == before


def test_a_copy_on_which_it_fails_is_said(small: Stage, tmp_path: Path):
    small.execute("CREATE TABLE restorelog_filled_row (id integer)")
    copy = copy_of(small, tmp_path)
    done = here.run(
        "host_migration", f"--out={small.product.migrations}", f"--reverse-check={copy}",
        source=small.host, check=False,
    )  # fmt: skip
    assert done.code == 2
    assert "On the copy, the way forward failed: " in done.err
