"""Two certificates of one log that cannot both be true are known from the two files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from infrastructure.documents.keys import read_key
from infrastructure.documents.signed import signed
from infrastructure.event_store.log import Log
from infrastructure.recording import restores
from projections.engine.catch_up import catch_up
from tests.conftest import use
from tests.projections.verification.conftest import Made, Service
from tests.support import checking, here

Json = dict[str, Any]


def happen(service: Service, events: int) -> None:
    use(service.url)
    log = Log()
    for number in range(events):
        restores.request_restore(log, name=f"restore {number}", actor="ada")
    catch_up()
    connections.close_all()


def certified(service: Service, to: Path) -> Path:
    use(service.url)
    here.run("verify", "--certificate", str(to), source=service.host, check=False)
    connections.close_all()
    return to


def against(key: Path, one: Path, other: Path) -> tuple[int, str]:
    done = checking.check_here(one, "--public-key", key, "--against", other, "--json")
    said = json.loads(done.out)
    return done.code, said["refused"] or said["checked"][-1]


def test_two_of_a_log_that_only_grew_do_not_contradict_each_other(
    service: Service, public_key: Path, tmp_path: Path
):
    first = certified(service, tmp_path / "first.json")
    happen(service, 30)
    second = certified(service, tmp_path / "second.json")
    for one, other in ((first, second), (second, first)):
        code, said = against(public_key, one, other)
        assert code == 0
        assert said.startswith("the other certificate does not contradict it, which both name at")


@pytest.mark.parametrize("later", [3, 4, 9])
def test_two_of_a_log_that_lost_its_end_and_went_on_do(
    copies: Made, vendor: str, public_key: Path, tmp_path: Path, later: int
):
    lost = copies(vendor)
    happen(lost, 4)
    kept = second_copy(copies, vendor, lost)
    one, other = certified(lost, tmp_path / "lost.json"), tmp_path / "kept.json"
    happen(kept, later)
    certified(kept, other)
    for files in ((one, other), (other, one)):
        code, said = against(public_key, *files)
        assert code == 1
        assert said.startswith("it contradicts the other certificate: at position ")


def second_copy(copies: Made, vendor: str, lost: Service) -> Service:
    """The same log as it was before the last events."""
    if vendor == "sqlite":
        folder = Path(lost.url.removeprefix("sqlite:///")).parent
        for name in ("service", "host"):
            shutil.move(folder / f"{name}.sqlite3", folder / f"lost-{name}.sqlite3")
        lost.url = f"sqlite:///{folder / 'lost-service.sqlite3'}"
        lost.host = f"sqlite:///{folder / 'lost-host.sqlite3'}"
    return copies(vendor)


def put(path: tuple[str, ...], value: Any) -> Callable[[Json], None]:
    def change(content: Json) -> None:
        at: Any = content
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = value

    return change


def other_head(content: Json) -> None:
    log = content["log"]
    log["chain_head"] = log["heads"][str(log["position"])] = "7" * 64


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (other_head, "it contradicts the other certificate: at position "),
        (
            put(("host_tables", "system_backups_restorelog", "log_digest"), "7" * 64),
            "it contradicts the other certificate: at one position the log says two things of "
            "system_backups_restorelog",
        ),
        (
            put(("host", "id_offset"), 10**9),
            "it contradicts the other certificate: they name different offsets of ids",
        ),
        (
            put(("host", "id"), "0b3c6f4e-1111-4222-8333-944455566677"),
            "the other certificate is of another log: it names another host's id",
        ),
        (put(("equal",), False), "the certificate says not equal, and its counts say otherwise"),
    ],
)
@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_two_of_one_position_that_say_different_things_of_the_log_do(
    made: Made,
    vendor: str,
    public_key: Path,
    tmp_path: Path,
    change: Callable[[Json], None],
    why: str,
):
    one = certified(made(vendor), tmp_path / "one.json")
    content = json.loads(one.read_bytes())["certificate"]
    change(content)
    other = tmp_path / "other.json"
    key = read_key(public_key.with_name("private.pem"))
    other.write_bytes(signed("certificate", content, key))
    code, said = against(public_key, one, other)
    assert code == 1
    assert said.startswith(why)


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_a_later_one_with_less_recorded_here_does(
    service: Service, public_key: Path, tmp_path: Path
):
    happen(service, 2)
    one = certified(service, tmp_path / "one.json")
    happen(service, 1)
    later = certified(service, tmp_path / "later.json")
    content = json.loads(later.read_bytes())["certificate"]
    for label in ("system_backups.RestoreLog", "database_management.RestoreLog"):
        content["projections"][label]["recorded_here"] = 1
    key = read_key(public_key.with_name("private.pem"))
    later.write_bytes(signed("certificate", content, key))
    code, said = against(public_key, one, later)
    assert code == 1
    assert "2 rows of system_backups.RestoreLog were recorded here at position" in said
    assert said.endswith("none is ever taken back")
