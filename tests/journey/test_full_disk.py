"""A cut-over that cannot write one of its files changes nothing, and says so in a line."""

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from projections.consolidation import snapshot
from projections.verification.certificate import issue
from projections.verification.certificate.export import Export
from tests.journey.killing import Steps
from tests.projections.engine.tables import contents, generations

FILES = ("certificate", "snapshot", "export")


@pytest.mark.parametrize("name", FILES)
def test_a_full_disk_leaves_everything_as_it_was(
    steps: Steps, name: str, monkeypatch: pytest.MonkeyPatch
):
    before = seen(steps)
    writes = {
        "certificate": (issue, "write_whole"),
        "snapshot": (snapshot, "_write"),
        "export": (Export, "add"),
    }
    with monkeypatch.context() as patched:
        where, what = writes[name]
        patched.setattr(where, what, on_a_full_disk(getattr(where, what)))
        refused(steps, steps.file(name))
    assert seen(steps) == before
    steps.take("cut_over")


@pytest.mark.parametrize("name", FILES)
def test_a_place_where_nothing_can_be_written_leaves_everything_as_it_was(steps: Steps, name: str):
    steps.file("no-folder").write_text("a file")
    before = seen(steps)
    nowhere = steps.file("no-folder") / "file"
    refused(steps, nowhere, f"--{name}={nowhere}")
    assert seen(steps) == before
    assert not steps.file("snapshot").exists()
    steps.take("cut_over")


def refused(steps: Steps, file: Path, *more: str) -> None:
    """The cut-over ends with 2, and one line that names the file."""
    done = steps.run(*steps.arguments("cut_over"), *more, check=False)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
    assert str(file) in done.err


def seen(steps: Steps) -> Any:
    """All that a failed cut-over could have changed."""
    head = steps.run("verify_log", "--json").json["head"]
    there = contents(steps.stage.service), generations(steps.stage.service)
    steps.assert_nothing_left()
    return steps.state(), head, there


def on_a_full_disk(write: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with files that cannot grow beyond a few bytes."""

    def written(*args: Any, **more: Any) -> Any:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            return write(*args, **more)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return written
