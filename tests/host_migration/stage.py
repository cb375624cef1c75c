"""A service and a host that was cut over, and what is done with them."""

from pathlib import Path
from typing import Any, NamedTuple

from tests.host_migration.product import ANSWERS, VARIANTS, Product
from tests.host_migration.state import state_of
from tests.sample_host import host_command
from tests.support import here, raw
from tests.support.service import Result

LEGACY, CONSOLIDATED = "database_management_restorelog", "system_backups_restorelog"
LEGACY_BACKUPS, CONSOLIDATED_BACKUPS = "database_management_backuplog", "system_backups_backuplog"


class Stage(NamedTuple):
    """The URLs of the service's and the host's database, and the host's project."""

    service: str
    host: str
    product: Product

    @classmethod
    def at(cls, service: str, host: str, name: str, folder: Path) -> "Stage":
        product = Product.copied(name, folder / "project", host)
        product.migrate()  # Django's own, which the fill of the tables had no need of
        return cls(service, host, product)

    def write(self, *more: str, check: bool = True) -> Result:
        """`host_migration`, with all that this host needs to be said."""
        answers = [] if "--top-up" in more else ANSWERS[self.product.name]
        return here.run(
            "host_migration", f"--out={self.product.migrations}", *answers, *more, "--json",
            source=self.host, check=check,
        )  # fmt: skip

    def forward(self) -> Any:
        """Write the migration and apply it; what the command said, as JSON."""
        told = self.write().json
        self.product.migrate()
        return told

    def top_up(self) -> Any:
        """Write a further migration and apply it; what the command said, as JSON."""
        told = self.write("--top-up").json
        self.product.migrate()
        return told

    def host_writes(self, seed: int = 1) -> None:
        """The host's own programs, which know nothing of the new column, go on."""
        variant = VARIANTS[self.product.name]
        host_command("write", self.host, "--seconds=0.4", "--rate=60", f"--seed={seed}",
                     variant=variant)  # fmt: skip

    def old_code_writes(self, turn: int) -> None:
        """As `host_writes`, in both tables, but no copy of a legacy row is touched."""
        for table in (LEGACY, CONSOLIDATED):
            names = ", ".join(columns(self.host, table) - {"id", "target_database"})
            if table == LEGACY:
                names += ", target_database"
            few = f"(SELECT * FROM {table} ORDER BY id LIMIT 3) AS few"
            self.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {few}")
        last = "(SELECT max(id) FROM database_management_backuplog)"
        self.execute(
            f"UPDATE {LEGACY} SET message = 'turn {turn}', source_backup_id = {last}"
            f" WHERE id % 5 = {turn}"
        )

    def moved(self, kind: str = "restore") -> dict[int, int]:
        """Legacy id → id of the copy."""
        found = f"SELECT legacy_id, consolidated_id FROM restorelog_moved_row WHERE kind = '{kind}'"
        return dict(raw.rows(self.host, found))

    def state(self) -> dict[str, Any]:
        return state_of(self.host)

    def execute(self, *statements: str) -> None:
        for statement in statements:
            raw.execute(self.host, statement)

    @property
    def first(self) -> int:
        """The lowest id of a legacy restore."""
        return int(self.value(f"SELECT min(id) FROM {LEGACY}"))

    @property
    def copy_of_first(self) -> int:
        """The id of the copy of the legacy restore that was moved with the lowest id."""
        return min(self.moved().items())[1]

    @property
    def cascade(self) -> str:
        """What a DROP TABLE needs where other tables refer to it."""
        return "" if self.host.startswith("sqlite") else " CASCADE"

    def drop_legacy_tables(self) -> None:
        for table in (LEGACY, LEGACY_BACKUPS):
            self.execute(f"DROP TABLE {table}{self.cascade}")

    def value(self, query: str) -> Any:
        return raw.value(self.host, query)


def columns(url: str, table: str) -> set[str]:
    """The names of a table's columns."""
    with raw.connect(url) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {table} WHERE 1 = 0")
        return {column[0] for column in cursor.description}
