"""The page about the host's own tables works as it is written, on a real project, while its old
code goes on writing."""

import shlex
import subprocess
from pathlib import Path

import pytest
from django.db import connections

from tests.acceptance.pages import DOCS, asks, blocks_of, commands_of
from tests.acceptance.ready import ROWS, ready
from tests.conftest import use
from tests.host_migration.product import Product
from tests.host_migration.stage import CONSOLIDATED, Stage
from tests.support import forked, here, service, terminal

PAGE = DOCS / "how-to" / "consolidate_the_host.md"


class Reader:
    """Somebody who types what the page shows."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.folder = folder

    def types(self, shown: str) -> int:
        """The exit code of a command."""
        words = shlex.split(shown)
        given = dict([words.pop(0).split("=", 1)]) if "=" in words[0] else {}
        if words[0] == "product/manage.py":
            environment = {**self.stage.product.environment, **given}
            done = forked.run(words, env=environment, cwd=self.folder)
            return self._ended(done)
        if words[0] != "manage.py":
            done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True)
            return self._ended(done)
        if asks(words):
            environment = service.environment(
                database=self.stage.service, source=self.stage.host, env={"DEBUG": "1"}
            )
            command = service.command(*words[1:])
            return self._ended(terminal.run(command, env=environment, cwd=self.folder))
        told = here.run(*words[1:], source=self.stage.host, check=False)
        self.said = told.out + told.err
        return told.code

    def _ended(self, done: "subprocess.CompletedProcess[str]") -> int:
        self.said = f"{done.stdout}{done.stderr}"
        return done.returncode


@pytest.fixture
def reader(templates: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    url, host = ready(templates).copied_to(tmp_path)
    use(url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESTORELOG_SPOOL", str(tmp_path / "spool"))
    product = Product.copied("plan", tmp_path / "product", host)
    product.migrate()
    return Reader(Stage(url, host, product), tmp_path)


def test_what_the_page_shows_consolidates_a_host_that_is_at_work(reader: Reader):
    stage = reader.stage
    (newer,) = (text for language, text in blocks_of(PAGE) if language == "sql")
    turn, legacy = 0, ROWS
    for shown, code in commands_of(PAGE):
        last = " retire " in shown
        if last:
            assert stage.value(newer) == 0
        assert reader.types(shown) == code, (shown, reader.said)
        if shown == "product/manage.py migrate system_backups" and not turn:
            turn, legacy = 1, ROWS + 3
            stage.old_code_writes(turn)
            assert stage.value(newer) > 0
        if last:
            assert "holds every legacy restore" in reader.said
            stage.drop_legacy_tables()
    connections.close_all()
    assert turn
    assert len(stage.moved()) == legacy
    assert stage.value(f"SELECT count(*) FROM {CONSOLIDATED}") == 2 * legacy
    assert "0 events recorded" in here.run("import_host", source=stage.host).out
