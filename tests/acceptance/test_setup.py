"""`make setup` makes an environment here, and empties no folder of somebody else's."""

import shutil
import subprocess
from pathlib import Path

from tests.acceptance.pages import ROOT


def test_an_environment_that_is_a_link_is_replaced_and_its_target_left_alone(tmp_path: Path):
    checkout, theirs = tmp_path / "checkout", tmp_path / "theirs"
    checkout.mkdir()
    shutil.copy(ROOT / "Makefile", checkout)
    (checkout / "requirements-dev.lock").touch()  # nothing to install
    (theirs / "bin").mkdir(parents=True)
    (theirs / "bin" / "tool").write_text("somebody's own")
    (checkout / ".venv").symlink_to(theirs)
    done = subprocess.run(["make", "setup"], cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "is a link; it is replaced" in done.stderr
    assert (theirs / "bin" / "tool").read_text() == "somebody's own"
    assert not (checkout / ".venv").is_symlink()
    assert (checkout / ".venv" / "bin" / "python").exists()
    assert {path.name for path in theirs.iterdir()} == {"bin"}
