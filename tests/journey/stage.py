"""A host and a service that has imported it: made once per test session and size, then copied."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import fresh
from tests.journey import oracle, trail
from tests.sample_host.build import make_host
from tests.support import forked, postgres, raw, service
from tests.support.copying import made_once
from tests.support.forked import Process

ROWS = int(os.environ.get("JOURNEY_ROWS", "") or 2_600)
"""In each of the host's restore tables: together more than an import, a verification or a rebuild
takes at once."""

EXTRA = {
    "database_management_restorelog": ("compression", "retention_days"),
    "system_backups_restorelog": ("storage_location", "share"),
    "database_management_backuplog": ("checksum",),
    "system_backups_backuplog": ("checksum",),
}
"""Columns that nobody has told the service about."""

TYPES = {"retention_days": "integer", "share": "double precision"}
VALUES = {
    "compression": "CASE WHEN id % 3 > 0 THEN 'zstd \"9\" ü' END",
    "retention_days": "id % 400",
    "share": "(id % 7) / 8.0 + 0.0625",
    "storage_location": "'s3://bucket/κ?versions=1'",
    "checksum": "CASE WHEN id % 2 = 0 THEN 'deadbeef' END",
}


@dataclass
class Stage:
    """A host, a service, and what was acknowledged of what was recorded there."""

    vendor: str
    host: str
    service: str
    folder: Path
    said: list[dict[str, Any]] = field(default_factory=list)

    def manage(self, *args: str, check: bool = True, source: str | None = None) -> service.Result:
        """`manage.py ARGS` in a process of its own."""
        return service.run(
            *args,
            database=self.service,
            source=self.host if source is None else source,
            env=self.environment,
            check=check,
        )

    @property
    def environment(self) -> dict[str, str]:
        key = self.folder / "signing-key.pem"
        return {"DEBUG": "1", **({"SIGNING_KEY_FILE": str(key)} if key.exists() else {})}

    def record(self, count: int, seed: int) -> None:
        """As many writes through the service's use cases, acknowledged one by one."""
        writer = self.recorder(seed, count)
        said, errors = writer.communicate(timeout=600)
        assert writer.returncode == 0, errors
        self.said += map(json.loads, said.splitlines())

    def recorder(self, seed: int, count: int = 0, pause: float = 0.0) -> Process:
        """A process that records: with no count, until it is told to stop. It says what it did."""
        known = self.folder / f"known-{seed}.json"
        known.write_text(json.dumps(self._known(seed)), encoding="utf-8")
        with known.open(encoding="utf-8") as stdin:
            return forked.start(
                [
                    *("-m", "tests.journey.recorder"),
                    *(f"--seed={seed}", f"--count={count}", f"--pause={pause}"),
                ],
                env=service.environment(
                    database=self.service, source=self.host, env=self.environment
                ),
                stdin=stdin,
            )

    def _known(self, seed: int) -> dict[str, Any]:
        """Some of the host's rows, others for every seed, so that no two writers meet."""
        log = oracle.read_log(self.service)
        known: dict[str, Any] = {"backups": []}
        for app, origin in (("database_management", "legacy"), ("system_backups", "consolidated")):
            keys = raw.rows(
                self.service,
                f"SELECT id FROM {app}_restorelog WHERE origin = '{origin}' ORDER BY id LIMIT 500",
            )
            share = min(20, (len(keys) - 10) // 20)
            first = 10 + share * (seed % 20)
            chosen = keys[first : first + share]
            known[origin] = [log.stream(f"{app}_restorelog", key) for (key,) in chosen]
            for (key,) in raw.rows(
                self.host, f"SELECT id FROM {app}_backuplog ORDER BY id LIMIT 3"
            ):
                legacy = key if origin == "legacy" else None
                there = oracle.OFFSET + key if origin == "legacy" else key
                known["backups"].append([log.stream(f"{app}_backuplog", key), legacy, there])
        return known

    @contextmanager
    def host_writing(self, seed: int, pause: float = 0.02) -> Iterator[Process]:
        """The host goes on meanwhile; afterwards it stands still."""
        writer = forked.start(
            [
                *("-m", "tests.journey.host_writer", self.host),
                *(f"--seed={seed}", f"--pause={pause}"),
            ],
            env=os.environ,
        )
        try:
            yield writer
        finally:
            alive = writer.poll() is None
            writer.terminate()
            done, errors = writer.communicate(timeout=60)
        assert alive, f"the host stopped by itself: {errors}"
        assert writer.returncode == 0, errors
        assert int(done) > 0, "the host wrote nothing"

    def assert_tables(self, scope: str, before: oracle.Host | None = None) -> oracle.Host:
        """All four tables, and the log, are as host and acknowledgements say.

        Returns the host as it was read.
        """
        host = oracle.read_host(self.host, before)
        oracle.assert_tables(self.service, host, self.said, scope)
        trail.assert_trail(self.service, self.said)
        return host


def make_stage(
    templates: dict[str, str],
    vendor: str,
    folder: Path,
    rows: int = ROWS,
    **options: Any,
) -> Stage:
    """A stage of one's own in this folder. `options` as for `make_host`."""
    model = _model(templates, vendor, rows, options)
    if vendor == "postgresql":
        host, of_service = (
            postgres.fresh_database(template=url) for url in (model["host"], model["service"])
        )
    else:
        host, of_service = (f"sqlite:///{folder}/{name}.sqlite3" for name in ("host", "service"))
        for url, name in ((model["host"], "host"), (model["service"], "service")):
            shutil.copyfile(url.removeprefix("sqlite:///"), folder / f"{name}.sqlite3")
    return Stage(vendor, host, of_service, folder)


def drop_stage(stage: Stage) -> None:
    if stage.vendor == "postgresql":
        for url in (stage.host, stage.service):
            postgres.drop_database(url)


def _model(
    templates: dict[str, str], vendor: str, rows: int, options: dict[str, Any]
) -> dict[str, str]:
    """What is copied."""

    def make(folder: Path) -> dict[str, str]:
        if vendor == "postgresql":
            host = postgres.fresh_database()
        else:
            host = f"sqlite:///{folder}/host.sqlite3"
        make_host(host, rows=rows, seed=5, **options)
        _add_columns(host)
        url = fresh(templates, vendor, folder)
        service.run("import_host", database=url, source=host, env={"DEBUG": "1"})
        return {"host": host, "service": url}

    name = "-".join(("stage", vendor, str(rows), *(f"{k}{v}" for k, v in sorted(options.items()))))
    return made_once(name, make)


def _add_columns(host: str) -> None:
    for table, columns in EXTRA.items():
        for column in columns:
            raw.execute(
                host, f"ALTER TABLE {table} ADD COLUMN {column} {TYPES.get(column, 'text')}"
            )
            raw.execute(host, f"UPDATE {table} SET {column} = {VALUES[column]}")
    if host.startswith("sqlite"):
        # A reader's snapshot does not keep the host from writing.
        raw.execute(host, "PRAGMA journal_mode = WAL")
