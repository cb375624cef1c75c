"""The benchmarks at tiny sizes: they run, and both sides make the same rows. Nothing is timed."""

from pathlib import Path
from typing import Any

import pytest

from tests.bench import running, workload
from tests.bench.__main__ import known, main
from tests.bench.comparing import DifferentRows
from tests.bench.events import first_events
from tests.bench.rebuilds import refuse_different
from tests.support import forked

HISTORY = ("questions", "reading", "exports")


def test_the_same_seed_gives_the_same_events_however_many_are_asked_for():
    sizes = workload.load()
    assert list(first_events(400, sizes)) == list(first_events(900, sizes))[:400]


def test_no_event_of_the_log_takes_the_place_of_another():
    events = list(first_events(3_000, workload.load()))
    assert len({(e.originator_id, e.originator_version) for e in events}) == len(events)


def test_tables_that_differ_are_refused():
    with pytest.raises(DifferentRows, match=r"system_backups\.RestoreLog"):
        refuse_different(
            {"system_backups.RestoreLog": {"rows": 2, "digest": "a"}, "peak_memory": 1},
            {"system_backups.RestoreLog": {"rows": 2, "digest": "b"}, "peak_memory": 2},
        )


@pytest.mark.parametrize(
    ("database", "parts", "compared", "measured"),
    [
        (
            *("sqlite", ("rebuild", "import", "first", "move", "lives", "indexes")),
            [
                *("rebuild", "import", "first import", "move in the host", "lives"),
                "lives, by the processor",
                *("rebuild with the indexes of lists", "rebuild with versions and statistics too"),
            ],
            set[str](),
        ),
        (
            "postgresql",
            ("rebuild", "cluster", "import", "move", "http", "followers", "alone", *HISTORY),
            [
                *("rebuild", "rebuild on two Dask workers, beside one"),
                *("rebuild on two Dask workers, beside none", "import", "move in the host"),
                "over HTTP, 2 clients",
            ],
            {
                *("verify it", "the longest wait of a reader", "a list with 2 followers: p99"),
                *("page 3", "a single row", "lists as of a position", "statistics of a year"),
                *("pages of the log", "memory of a server that sends files", "pages beside REST"),
            },
        ),
    ],
)
def test_both_sides_make_the_same_rows_and_the_results_are_written(
    database: str,
    parts: tuple[str, ...],
    compared: list[str],
    measured: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(running, "fresh_python", forked.run)
    only = [f"--only={part}" for part in parts]
    with (tmp_path / "said by servers").open("w") as said:

        def start(arguments: list[str], **given: Any) -> forked.Process:
            return forked.start(arguments, **{"stdout": said, "stderr": said, **given})

        monkeypatch.setattr(running, "start_python", start)
        # It stops with an error when rows differ.
        assert main(["--quick", f"--out={tmp_path}", f"--database={database}", *only]) == 0
    report = known(tmp_path)
    assert [one.what for one in report.comparisons] == compared
    assert {one.what for run in report.runs for one in run.found} >= measured
    page = (tmp_path / "benchmarks.md").read_text()
    assert "benchmarks/rebuild.svg" in page
    assert (tmp_path / "benchmarks" / "import.svg").exists()


def test_a_part_that_is_measured_again_takes_its_place_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(running, "fresh_python", forked.run)
    once = ["--quick", f"--out={tmp_path}", "--database=sqlite"]
    assert main([*once, "--only=lives", "--only=indexes"]) == 0
    before = {run.part: run for run in known(tmp_path).runs}
    assert main([*once, "--only=lives"]) == 0
    after = {run.part: run for run in known(tmp_path).runs}
    assert list(after) == ["lives", "indexes"]
    assert after["indexes"] == before["indexes"]
    assert after["lives"] != before["lives"]
    page = (tmp_path / "benchmarks.md").read_text().partition("## How and when")[2]
    assert page.count("| lives | SQLite |") == page.count("| indexes | SQLite |") == 1
