"""The version of the running code, for documents that are kept longer than it runs."""

import subprocess
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@cache
def code_version() -> str:
    """The version, with the revision if this is a checkout: `0.1.0 (3f2a9c1b7d20)`.

    A checkout that differs from its revision says so.
    """
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = str(tomllib.load(file)["project"]["version"])
    revision = _git("rev-parse", "--short=12", "HEAD")
    if not revision:
        return version
    changed = ", with changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return f"{version} ({revision}{changed})"


def _git(*args: str) -> str:
    """The output of git; empty without git, or without a repository of this checkout."""
    if not (ROOT / ".git").exists():
        return ""
    try:
        done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
