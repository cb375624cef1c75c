"""`restorelog.pyz`: one file, from the standard library of Python 3.9 alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from api.client.archive import build
from tests.support.service import ROOT

FILES = sorted((ROOT / "api" / "client").rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_is_python_3_9_and_imports_the_standard_library_alone(file: Path):
    tree = ast.parse(file.read_text(), feature_version=(3, 9))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = {(node.module or "").partition(".")[0]}
        else:
            continue
        assert names <= sys.stdlib_module_names | {"restorelog"}


def test_two_builds_are_the_same_bytes(tmp_path: Path):
    for name in ("one.pyz", "two.pyz"):
        build(tmp_path / name)
    assert (tmp_path / "one.pyz").read_bytes() == (tmp_path / "two.pyz").read_bytes()


def test_it_runs_alone_in_an_empty_folder(tmp_path: Path):
    build(tmp_path / "restorelog.pyz")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-I", "restorelog.pyz", "run", "--name=x", "--", "echo", "restored"],
        cwd=tmp_path, env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "restored\n")
    assert "RESTORELOG_URL is not set" in done.stderr
    assert len(list((tmp_path / ".local/state/restorelog/spool").glob("*.ndjson"))) == 1
