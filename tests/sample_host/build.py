"""What tests call; each function runs `python -m tests.sample_host …` in a process of its own."""

import os
from pathlib import Path

from tests.support import copying, forked, postgres
from tests.support.forked import Process


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
    hold come on top, in the legacy table. The same arguments give the same rows; in a test session
    a host is made once for the same arguments, and copied.
    """
    arguments = [
        *(f"--rows={rows}", f"--seed={seed}", f"--quarantine={quarantine}"),
        *([] if odd_rows else ["--no-odd-rows"]),
        *([] if backups else ["--no-backups"]),
    ]

    def make(there: str) -> None:
        host_command("make", there, *arguments, variant=variant, time_zone=time_zone)

    def make_model(folder: Path) -> dict[str, str]:
        on_sqlite = url.startswith("sqlite:")
        model = f"sqlite:///{folder}/host.sqlite3" if on_sqlite else postgres.fresh_database()
        make(model)
        return {"url": model}

    if not (copying.is_ready() and copying.is_new(url)):
        make(url)
        return
    vendor = url.partition(":")[0]
    name = "-".join(["host", vendor, *arguments, variant, str(time_zone).replace("/", "-")])
    copying.copy(copying.made_once(name, make_model)["url"], url)


def host_command(
    subcommand: str,
    url: str,
    *args: str,
    variant: str = "standard",
    time_zone: str | None = None,
    timeout: float = 600,
) -> str:
    """Run a subcommand of the host (make, write, manage) and return what it wrote on stdout."""
    command = _command(subcommand, url, args, variant, time_zone)
    done = forked.run(command, env=_environment(), timeout=timeout)
    if done.returncode != 0:
        raise HostNotMade(done.stderr)
    return done.stdout


def start_host(
    subcommand: str,
    url: str,
    *args: str,
    variant: str = "standard",
    time_zone: str | None = None,
) -> Process:
    """Start `write` or `serve` and return at once; who starts it ends it."""
    return forked.start(_command(subcommand, url, args, variant, time_zone), env=_environment())


def _command(
    subcommand: str, url: str, args: tuple[str, ...], variant: str, time_zone: str | None
) -> list[str]:
    return [
        *("-m", "tests.sample_host", subcommand),
        *(f"--database={url}", f"--variant={variant}"),
        *([] if time_zone is None else [f"--time-zone={time_zone}"]),
        *args,
    ]


def _environment() -> dict[str, str]:
    """This process's environment, without the service's settings."""
    return {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
