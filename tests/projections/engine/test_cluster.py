"""A rebuild on a Dask cluster makes what one process makes, whatever happens to the workers."""

import logging
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from django.db import connections, transaction

from infrastructure.event_store.log import Log
from projections.engine import building_tasks, checkpoints, generations, parallel
from projections.engine.cluster.address import SchedulerAddress, refuse_misspelt, refuse_open
from projections.engine.cluster.errors import (
    CertificatesMissing,
    DaskMissing,
    OpenScheduler,
    SchedulerMisspelt,
    SchedulerUnreachable,
    WorkersUnfit,
)
from projections.engine.dialects import base, postgresql, sqlite, table_dialect
from projections.engine.rebuild import Rebuilt, rebuild
from projections.engine.registry import PROJECTIONS
from tests.conftest import BOTH, fresh, use
from tests.projections.engine.tables import contents, leftovers
from tests.projections.histories import history, record
from tests.support import forked, here, postgres, raw, service
from tests.support.cluster import Cluster, cluster, kill
from tests.support.postgres import free_port
from tests.support.relay import relayed
from tests.support.waiting import wait_until

EVENTS = 400


class Made(NamedTuple):
    """A service with a log, and a cluster with two workers for it."""

    url: str
    cluster: Cluster
    workers: "list[subprocess.Popen[bytes]]"

    @property
    def scheduler(self) -> SchedulerAddress:
        return SchedulerAddress(self.cluster.url)


@pytest.fixture(scope="module", params=BOTH)
def made(
    request: pytest.FixtureRequest,
    templates: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Made]:
    """Made once for the tests of this module, which only rebuild it."""
    folder = tmp_path_factory.mktemp("cluster")
    url = fresh(templates, request.param, folder)
    use(url)
    record(history(9, EVENTS))
    with cluster(folder) as one:
        numbers = [len(one.processes) + count for count in range(2)]
        workers = [one.worker(url, name=f"fit-{number}", wait=False) for number in numbers]
        for number in numbers:
            one.wait_for(number)
        yield Made(url, one, workers)
    connections.close_all()
    if request.param == "postgresql":
        postgres.drop_database(url)


@pytest.fixture
def small_parts(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many parts and pieces, so that each worker has some to do."""
    use(made.url)
    monkeypatch.setattr(postgresql.PostgreSQLTables, "chunk", 70)
    monkeypatch.setattr(sqlite.SQLiteTables, "chunk", 70)
    monkeypatch.setattr(sqlite.SQLiteTables, "parts", 1)
    monkeypatch.setattr(base, "PIECE", 30)


@pytest.fixture
def done_there(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What workers have done, by name; this process prepares nothing while they can."""
    done: list[str] = []
    submit = parallel.Helpers._submit

    def noted(helpers: parallel.Helpers, function: Callable[..., object], *given: object) -> object:
        future = submit(helpers, function, *given)
        if future is not None and future.exception() is None:
            done.append(function.__name__)
        return future

    monkeypatch.setattr(parallel.Helpers, "_submit", noted)
    return done


def told(rebuilt: Rebuilt) -> dict[str, tuple[int, int, int, str]]:
    return {
        label: (one.events, one.rows, one.withheld, one.digest)
        for label, one in rebuilt.projections.items()
    }


@pytest.mark.usefixtures("small_parts")
def test_a_cluster_makes_the_same_tables_as_one_process(made: Made, done_there: list[str]):
    alone = rebuild(workers=1)
    expected = contents(made.url)
    said: list[tuple[int, int | None]] = []

    together = rebuild(
        scheduler=made.scheduler, progress=lambda done, total: said.append((done, total))
    )

    assert told(together) == told(alone)
    assert contents(made.url) == expected
    assert leftovers(made.url) == []
    assert {"prepare_part", "finish", "row_hashes"} <= set(done_there)
    head = Log().head().position
    assert said[-1] == (head, head)
    assert said == sorted(said)


@pytest.mark.parametrize("made", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("small_parts")
def test_no_password_is_sent_or_written_down(made: Made, done_there: list[str]):
    secret = str(urlsplit(made.url).password)
    with relayed(made.cluster.url) as relay:
        relay.seen = bytearray()
        through = relay.address.replace("http:", "tcp:")
        worker = made.cluster.worker(made.url, name="watched", url=through)
        rebuild(scheduler=SchedulerAddress(through))
        kill(worker)
        sent = bytes(relay.seen)
    assert "prepare_part" in done_there
    # What is sent can be read here, so the password could be.
    assert b"system_backups.RestoreLog" in sent
    assert secret.encode() not in sent
    for number in range(len(made.cluster.processes)):
        assert secret not in made.cluster.said(number)


@pytest.mark.usefixtures("small_parts")
def test_a_worker_that_is_killed_costs_its_task_only(made: Made):
    expected = told(rebuild(workers=1))
    lost = made.cluster.worker(made.url, name="lost")

    def kill_it(done: int, total: int | None) -> None:
        kill(lost)

    assert told(rebuild(scheduler=made.scheduler, progress=kill_it)) == expected
    assert lost.returncode == -signal.SIGKILL


@pytest.mark.parametrize("made", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("small_parts")
def test_when_all_workers_are_killed_the_command_does_the_rest(
    made: Made, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    expected = told(rebuild(workers=1))
    with cluster(tmp_path) as other:
        other.worker(made.url, name="the only one")

        def kill_it(done: int, total: int | None) -> None:
            kill(other.processes[-1])

        rebuilt = rebuild(scheduler=SchedulerAddress(other.url), progress=kill_it)
    assert told(rebuilt) == expected
    assert "done here" in caplog.text


@pytest.mark.parametrize("made", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("small_parts")
def test_when_the_scheduler_is_killed_the_command_does_the_rest(made: Made, tmp_path: Path):
    expected = told(rebuild(workers=1))
    with cluster(tmp_path) as other:
        other.worker(made.url, name="the only one")

        def kill_it(done: int, total: int | None) -> None:
            kill(other.scheduler)

        assert told(rebuild(scheduler=SchedulerAddress(other.url), progress=kill_it)) == expected


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_rebuild_that_is_ended_leaves_the_live_tables_and_the_next_one_succeeds(
    made: Made, how: signal.Signals, tmp_path: Path
):
    use(made.url)
    expected = told(rebuild(workers=1))
    before, file = contents(made.url), tmp_path / "phase"
    process = forked.start(
        ["-m", "tests.projections.engine.driver", "loading", str(file), "1", made.cluster.url],
        env=service.environment(database=made.url, source=None, env={"DEBUG": "1"}),
    )
    wait_until(lambda: file.exists() or process.poll() is not None)
    process.send_signal(how)
    process.communicate()

    assert process.returncode != 0
    assert contents(made.url) == before
    if how == signal.SIGINT:
        assert leftovers(made.url) == []
    assert told(_when_it_is_free(made)) == expected
    assert leftovers(made.url) == []


def _when_it_is_free(made: Made) -> Rebuilt:
    """A rebuild on the cluster, once the database knows that the last one was killed."""
    if not made.url.startswith("sqlite"):
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
        own = "(SELECT oid FROM pg_database WHERE datname = current_database())"
        wait_until(lambda: raw.value(made.url, f"{locks} {own}") == 0)
    return rebuild(scheduler=made.scheduler)


def test_workers_that_do_not_fit_are_refused_by_name_before_anything_is_written(
    made: Made, templates: dict[str, str], tmp_path: Path
):
    use(made.url)
    before = generations_there(made.url)
    other_code = copied_checkout(tmp_path / "checkout")
    changed = other_code / "projections" / "digest.py"
    changed.write_text(f"{changed.read_text()}\n# Another version.\n")
    copy = copied_database(made.url, tmp_path)
    (tmp_path / "other").mkdir()
    other_log = fresh(templates, vendor_of(made.url), tmp_path / "other")
    given = {
        "another log": (other_log, service.ROOT),
        "a copy of this database": (copy, service.ROOT),
        "instead of": (made.url, other_code),
        "DATABASE_URL is not set": (None, service.ROOT),
    }
    with cluster(tmp_path) as other:
        for number, (database, root) in enumerate(given.values()):
            other.worker(database, name=f"unfit-{number}", root=root, wait=False)
        for number in range(1, len(given) + 1):
            other.wait_for(number)
        with pytest.raises(WorkersUnfit) as refused:
            rebuild(scheduler=SchedulerAddress(other.url))
    for reason in given:
        assert reason in str(refused.value)
    assert "Nothing was changed" in str(refused.value)
    assert generations_there(made.url) == before
    assert leftovers(made.url) == []


@pytest.mark.parametrize("made", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("small_parts")
def test_a_worker_that_joins_later_and_does_not_fit_is_given_nothing(
    made: Made, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    expected = told(rebuild(workers=1))
    copy = copied_database(made.url, tmp_path)
    joined: list[subprocess.Popen[bytes]] = []

    def join(done: int, total: int | None) -> None:
        if not joined:
            joined.append(made.cluster.worker(copy, name="late"))
            wait_until(lambda: "is not used" in caplog.text)

    with caplog.at_level(logging.WARNING):
        rebuilt = rebuild(scheduler=made.scheduler, progress=join)
    kill(joined[0])
    assert told(rebuilt) == expected
    assert "leads to a copy of this database" in caplog.text


def vendor_of(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else "postgresql"


def copied_database(url: str, folder: Path) -> str:
    """Another database with the same content."""
    connections.close_all()
    if vendor_of(url) == "sqlite":
        raw.rows(url, "PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(url.removeprefix("sqlite:///"), folder / "copy.sqlite3")
        return f"sqlite:///{folder / 'copy.sqlite3'}"
    ended = "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'"
    name = urlsplit(url).path[1:]
    server = postgres.server()
    wait_until(lambda: raw.value(server.url, ended.format(name)) == 0)
    return server.fresh_database(template=url)


def copied_checkout(folder: Path) -> Path:
    for package in ("domain", "infrastructure", "projections"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(service.ROOT / package, folder / package, ignore=ignored)
    return folder


def generations_there(url: str) -> list[raw.Row]:
    return raw.rows(url, "SELECT id, label, state FROM engine_generation ORDER BY id")


@pytest.mark.parametrize("vendor", ["postgresql"], indirect=True)
def test_a_table_is_finished_once_and_only_while_its_generation_is_wanted(database: str):
    label = "system_backups.RestoreLog"
    dialect = table_dialect(connections["default"])
    generations.clear_building(dialect)
    run = generations.begin(PROJECTIONS[label], "all")

    building_tasks.finish_table((label, run.generation.pk - 1))
    assert indexes_of_building(database) == before_it_is_finished(database)
    building_tasks.finish_table((label, run.generation.pk))
    finished = indexes_of_building(database)
    assert len(finished) > len(before_it_is_finished(database))
    building_tasks.finish_table((label, run.generation.pk))
    assert indexes_of_building(database) == finished

    generations.clear_building(dialect)
    with transaction.atomic():
        assert not checkpoints.lock_building(run.generation.pk, "default")


def indexes_of_building(url: str) -> list[raw.Row]:
    return raw.rows(
        url, "SELECT indexname FROM pg_indexes WHERE schemaname = 'engine_building' ORDER BY 1"
    )


def before_it_is_finished(url: str) -> list[raw.Row]:
    """The indexes of its keys, which are made with the table."""
    return raw.rows(
        url,
        "SELECT conname FROM pg_constraint WHERE connamespace = 'engine_building'::regnamespace"
        " AND contype IN ('p', 'u') ORDER BY 1",
    )


@pytest.mark.parametrize(
    "url", ["tcp://10.0.0.5:8786", "tcp://scheduler:8786", "tcp://[2001:db8::1]:8786"]
)
def test_a_scheduler_that_others_reach_without_tls_is_refused(url: str):
    with pytest.raises(OpenScheduler, match="whoever can reach"):
        refuse_open(url)


@pytest.mark.parametrize(
    "url", ["tls://10.0.0.5:8786", "tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tcp://localhost:1"]
)
def test_tls_is_for_other_machines_and_this_one_may_do_without(url: str):
    refuse_misspelt(url)
    refuse_open(url)


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8786", "tcp://127.0.0.1", "http://127.0.0.1:1", "tcp://127.0.0.1:x",
            "tls://:8786", "tls://ada:secret@host:8786"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str):
    with pytest.raises(SchedulerMisspelt):
        refuse_misspelt(url)


def test_tls_without_certificates_says_which_are_needed(database: str):
    with pytest.raises(CertificatesMissing, match="the authority's certificate"):
        rebuild(scheduler=SchedulerAddress(f"tls://127.0.0.1:{free_port()}"))


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--workers", "2", "--scheduler", "tcp://127.0.0.1:1"), "--workers"),
        (("--tls-cert", "node.pem"), "--scheduler tls://"),
        (("--scheduler", "tcp://10.0.0.5:8786"), "whoever can reach"),
        (("--scheduler", "tls://127.0.0.1:1", "--tls-ca-file", "nowhere.pem"), "nowhere.pem"),
    ],
)
def test_the_command_says_in_one_line_why_it_does_not_begin(
    database: str, options: tuple[str, ...], reason: str
):
    refused = here.run("rebuild", *options, check=False)
    assert (refused.code, refused.out) == (2, "")
    assert reason in refused.err
    assert leftovers(database) == []


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_a_scheduler_that_does_not_answer_is_named(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("projections.engine.cluster.connecting.ANSWERS_WITHIN", 0.3)
    url = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(SchedulerUnreachable, match=url):
        rebuild(scheduler=SchedulerAddress(url))
    assert leftovers(database) == []


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_without_dask_the_error_says_what_to_install(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(DaskMissing, match=r"requirements-dask\.lock"):
        rebuild(scheduler=SchedulerAddress("tcp://127.0.0.1:8786"))
