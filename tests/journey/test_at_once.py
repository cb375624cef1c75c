"""Two steps at once, or a step and a rebuild: one wins, the other says so in a line."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest

from projections.engine import generations
from tests.journey.killing import Steps
from tests.support import service
from tests.support.forked import Process

RUNNING = "Another rebuild is running on this database. Wait for it to end, then run this again.\n"


@contextmanager
def waiting(steps: Steps, phase: str, process: Process) -> Iterator[Process]:
    """A process that has come to this phase, and waits there."""
    try:
        assert steps.waits_in(process, phase), steps.ended(process)
        yield process
    finally:
        process.kill()
        process.wait()


def line(result: service.Result) -> str:
    """What a command said that could not; it said nothing else."""
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), result
    return result.err


@pytest.mark.parametrize("phase", ["prepare", "certified"])
def test_while_a_cut_over_is_at_work_no_other_and_no_rebuild_begins(steps: Steps, phase: str):
    steps.write()
    steps.run("import_host")
    first = steps.start(phase, *steps.arguments("cut_over"))
    with waiting(steps, phase, first):
        if phase == "prepare":  # later on the log is held, and an import would wait for it
            assert line(steps.run("cut_over", "--yes", check=False)) == RUNNING
        assert line(steps.run("rebuild", check=False)) == RUNNING
        done = steps.let_go(first)
    assert done.code == 0, done
    assert steps.checked_state() == "cut_over"
    steps.assert_files()
    steps.assert_nothing_left()


def test_of_two_cut_overs_that_began_together_the_slower_one_says_that_it_is_done(steps: Steps):
    steps.write()
    own = f"--snapshot={steps.file('own-snapshot')}"
    slower = steps.start("snapshot", *steps.arguments("cut_over"), own)
    with waiting(steps, "snapshot", slower):
        steps.take("cut_over")
        done = steps.let_go(slower)
    assert "cannot be cut over: it has been cut over" in line(done)
    assert steps.checked_state() == "cut_over"
    steps.assert_files()
    steps.assert_nothing_left()


@pytest.mark.parametrize("phase", ["prepare", "verify"])
def test_of_a_cut_over_that_is_at_work_another_leaves_the_snapshot_alone(steps: Steps, phase: str):
    first = steps.start(phase, *steps.arguments("cut_over"))
    with waiting(steps, phase, first):
        again = steps.run(*steps.arguments("cut_over"), check=False)
        assert "another command is at work with it" in line(again)
        done = steps.let_go(first)
    assert done.code == 0, done
    assert steps.checked_state() == "cut_over"
    steps.assert_files()


def test_a_cut_over_that_was_slower_leaves_the_snapshot_of_the_other_alone(steps: Steps):
    slower = steps.start("snapshot", *steps.arguments("cut_over"))
    with waiting(steps, "snapshot", slower):
        steps.take("cut_over")
        done = steps.let_go(slower)
    assert "that is what an earlier cut-over saved" in line(done)
    assert steps.checked_state() == "cut_over"
    steps.assert_files()
    steps.assert_nothing_left()


def test_a_snapshot_that_is_not_there_any_more_at_the_switch_stops_it(steps: Steps):
    first = steps.start("verify", *steps.arguments("cut_over"))
    with waiting(steps, "verify", first):
        steps.file("snapshot").rename(steps.file("elsewhere"))
        steps.file("snapshot").write_bytes(b"another")
        done = steps.let_go(first)
    assert "another process has written that file meanwhile" in line(done)
    assert steps.checked_state() == "imported"
    assert steps.file("snapshot").read_bytes() == b"another"
    steps.assert_nothing_left()


def test_a_rebuild_that_ends_before_the_tables_of_a_cut_over_are_begun_is_no_hindrance(
    steps: Steps,
):
    steps.write()
    first = steps.start("snapshot", *steps.arguments("cut_over"))
    with waiting(steps, "snapshot", first):
        steps.run("rebuild")
        assert steps.state() == "imported"
        done = steps.let_go(first)
    assert done.code == 0, done
    assert steps.checked_state() == "cut_over"
    steps.assert_nothing_left()


@pytest.mark.parametrize("step", ["cut_over", "roll_back"])
def test_no_step_is_taken_while_a_rebuild_is_at_work(steps: Steps, step: str):
    if step == "roll_back":
        steps.take("cut_over")
    steps.write()
    before = steps.checked_state()
    steps.file("phase").unlink(missing_ok=True)
    rebuild = steps.begin("tests.projections.engine.driver", "digest", str(steps.file("phase")))
    with waiting(steps, "digest", rebuild):
        assert line(steps.run(*steps.arguments(step), check=False)) == RUNNING
        assert steps.checked_state() == before
    steps.let_the_server_notice()
    steps.take(step)


def test_a_roll_back_does_not_return_to_what_a_rebuild_has_left_meanwhile(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
):
    steps.take("cut_over")
    steps.write()
    go_back = generations.go_back

    def overtaken(*args: Any, **more: Any) -> None:
        steps.run("rebuild")
        go_back(*args, **more)

    monkeypatch.setattr(generations, "go_back", overtaken)
    steps.take("roll_back")


@pytest.mark.parametrize("vendor", ["postgresql"])  # on SQLite a reader keeps nobody waiting
def test_a_cut_over_that_has_to_try_the_switch_again_writes_the_same_proof(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
):
    steps.write()
    with closing(psycopg.connect(steps.stage.service)) as reader:
        reader.execute("SELECT id FROM system_backups_restorelog LIMIT 1")
        waited = []

        def give_way(seconds: float) -> None:
            waited.append(seconds)
            reader.rollback()

        monkeypatch.setattr(generations, "sleep", give_way)
        steps.take("cut_over")
    assert len(waited) == 1


@pytest.mark.parametrize("vendor", ["postgresql"])
def test_a_cut_over_that_is_kept_from_the_switch_leaves_no_proof_of_what_was_not_done(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(generations, "ATTEMPTS", 2)
    with closing(psycopg.connect(steps.stage.service)) as reader:
        reader.execute("SELECT id FROM system_backups_restorelog LIMIT 1")
        refused = line(steps.run(*steps.arguments("cut_over"), check=False))
    assert "system_backups_restorelog is in use" in refused
    assert not steps.file("certificate").exists()
    assert not steps.file("export").exists()
    assert steps.checked_state() == "imported"
    steps.assert_nothing_left()
    steps.take("cut_over")
