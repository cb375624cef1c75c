"""What the service makes of a host: how many events an import adds, and what differs then."""

from typing import Any

from tests.host_migration.stage import Stage
from tests.support import here


def imported(stage: Stage) -> int:
    """How many events the next import adds."""
    return int(here.run("import_host", "--json", source=stage.host).json["events"])


def differences(stage: Stage) -> list[Any]:
    """What `verify` finds; nothing if it says equal."""
    found = here.run("verify", "--json", source=stage.host, check=False).json
    return [] if found["equal"] else found["differences"][:5] or [found]


def kinds_found(stage: Stage) -> set[str]:
    """The kinds of findings of `inspect_host`."""
    told = here.run("inspect_host", "--json", source=stage.host).json
    return {finding["kind"] for finding in told["findings"]}


def retired(stage: Stage, *options: str, check: bool = True) -> Any:
    """What `retire` answers."""
    return here.run("retire", "--yes", "--reason=done", *options, source=stage.host, check=check)
