"""What tests call; each function runs `python -m tests.sample_host …` in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class HostNotMade(RuntimeError):
    """A command of the sample host failed; the message is what it said on stderr."""


def make_host(
    url: str,
    *,
    rows: int = 100,
    seed: int = 1,
    variant: str = "standard",
    odd_rows: bool = True,
    backups: bool = True,
    quarantine: int = 0,
    time_zone: str | None = None,
) -> None:
    """Create the host's tables in the empty database at `url` and fill them.

    `rows` is the number of rows in each restore table; `quarantine` rows that no projection can
    hold come on top, in the legacy table. The same arguments give the same rows.
    """
    host_command(
        "make",
        url,
        *(f"--rows={rows}", f"--seed={seed}", f"--quarantine={quarantine}"),
        *([] if odd_rows else ["--no-odd-rows"]),
        *([] if backups else ["--no-backups"]),
        variant=variant,
        time_zone=time_zone,
    )


def host_command(
    subcommand: str,
    url: str,
    *args: str,
    variant: str = "standard",
    time_zone: str | None = None,
    timeout: float = 600,
) -> str:
    """Run a subcommand of the host (make, write, manage) and return what it wrote on stdout."""
    done = subprocess.run(
        _command(subcommand, url, args, variant, time_zone),
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
    )
    if done.returncode != 0:
        raise HostNotMade(done.stderr)
    return done.stdout


def start_host(
    subcommand: str,
    url: str,
    *args: str,
    variant: str = "standard",
    time_zone: str | None = None,
) -> "subprocess.Popen[str]":
    """Start `write` or `serve` and return at once; who starts it ends it."""
    return subprocess.Popen(
        _command(subcommand, url, args, variant, time_zone),
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def _command(
    subcommand: str, url: str, args: tuple[str, ...], variant: str, time_zone: str | None
) -> list[str]:
    return [
        *(sys.executable, "-m", "tests.sample_host", subcommand),
        *(f"--database={url}", f"--variant={variant}"),
        *([] if time_zone is None else [f"--time-zone={time_zone}"]),
        *args,
    ]


def _environment() -> dict[str, str]:
    """This process's environment, without the service's settings."""
    return {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
