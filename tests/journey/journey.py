"""The whole journey, step by step; after each step everything is looked at."""

from typing import Any

from tests.journey import oracle
from tests.journey.stage import Stage
from tests.projections.engine.tables import LABELS
from tests.support import raw

WRITES = 60
"""Through the service, between any two steps."""


class Journey:
    """Takes a stage through the migration, the host writing all the time."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.seed = 0
        self.retired: oracle.Host | None = None
        self.looked = 0

    def whole(self) -> None:
        """Every step that an operator takes, some of them more than once."""
        self.checked("imported", "native")
        self.writes()
        self.checked("imported", "native")
        self.command("cut_over", "--yes")
        self.checked("cut_over", "all")
        self.writes()
        self.checked("cut_over", "all")
        self.rolls_back()
        self.writes()
        self.checked("rolled_back", "native")
        self.command("cut_over", "--yes")
        self.writes()
        self.checked("cut_over", "all")
        self.replays_to_the_same()
        self.retires()

    def command(self, *args: str) -> Any:
        """One command while the host writes, then an import of what it wrote meanwhile."""
        self.seed += 1
        with self.stage.host_writing(self.seed):
            done = self.stage.manage(*args, "--json").json
        self.stage.manage("import_host")
        return done

    def writes(self) -> None:
        """Both sides write."""
        self.seed += 1
        with self.stage.host_writing(self.seed):
            self.stage.record(WRITES, self.seed)
        self.stage.manage("import_host")

    def rolls_back(self) -> None:
        done = self.command("roll_back", "--yes", "--reason", "to see that it can be done")
        host = self.checked("rolled_back", "native")
        cannot = oracle.unrepresentable(host, self.stage.said, oracle.read_log(self.stage.service))
        gaps = done["unrepresentable"]
        named = {(one["restore_id"], one["column"]): one["value"] for one in gaps}
        assert len(named) == len(gaps)
        assert named == cannot
        assert {"validation", "warnings_count", "status", None} <= {column for _, column in named}
        later = self.stage.manage("consolidation", "--unrepresentable", "--json").json
        assert later["unrepresentable"] == done["unrepresentable"]

    def retires(self) -> None:
        host = self.stage.host
        self.stage.manage("retire", "--yes", "--json", "--reason", "done")
        self.retired = oracle.read_host(host)
        self.checked("retired", "all")
        raw.execute(host, "DROP TABLE reports_restorereview")
        raw.execute(host, "DROP TABLE database_management_restorelog")
        raw.execute(host, "DROP TABLE database_management_backuplog")
        self.stage.manage("import_host")
        self.checked("retired", "all")

    def replays_to_the_same(self) -> None:
        """However often it went forth and back: the tables are those of one replay."""
        replayed = self.stage.manage("rebuild", "--dry-run", "--json").json["projections"]
        assert set(replayed) == set(LABELS)
        for label, one in replayed.items():
            changes = one["changes"]
            rows = [changes[what] for what in ("appear", "disappear", "change")]
            assert rows == [0, 0, 0], (label, changes)

    def checked(self, state: str, scope: str) -> oracle.Host:
        """The tables, the proof, the chain and the state are as they must be."""
        host = self.stage.assert_tables(scope, self.retired)
        self.looked += 1
        assert self.stage.manage("verify", "--json").json["equal"]
        assert self.stage.manage("verify_log", "--json").json["ok"]
        assert self.stage.manage("consolidation", "--json").json["state"] == state
        return host
