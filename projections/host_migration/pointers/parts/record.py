"""What the migration notes of its work, in the host."""

from __future__ import annotations

from projections.host_migration.pointers.parts.host import Host
from projections.host_migration.pointers.parts.pointers import RECORD
from projections.host_migration.pointers.parts.values import SQL, STEP

# --- The text from here on is the same in every migration. ---


class Noting(Host):
    """Its notes: how many rows, which ones, and how foreign keys were declared."""

    def has_record(self) -> bool:
        return self.tables() >= {*RECORD}

    def has_counts(self) -> bool:
        """Whether rows are re-pointed, as far as the record knows."""
        if not self.has_record():
            return False
        found = self.rows("SELECT count(*) FROM restorelog_repointed WHERE step = %s", [STEP])
        return bool(found[0][0])

    def make_record(self) -> None:
        """An earlier step may have made the tables, or, on MySQL, a run that was killed."""
        exact = " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" if self.vendor == "mysql" else ""
        there = self.tables()
        for table in RECORD:
            if table not in there:
                name = f"create_{table.removeprefix('restorelog_')}"
                self.run(SQL[name].format(text=f"varchar(255){exact}"))

    def forget(self) -> None:
        """Remove what this step noted, and the tables if no other step needs them."""
        for table in reversed(RECORD):
            self.run(f"DELETE FROM {table} WHERE step = %s", [STEP])
        if not any(self.rows(f"SELECT step FROM {table} LIMIT 1") for table in RECORD):
            for table in reversed(RECORD):
                self.run(f"DROP TABLE {table}")

    def count(self, pointer: str, kind: str, what: str, repointed: int, left: int) -> None:
        self.run(
            "INSERT INTO restorelog_repointed (step, pointer, kind, what, repointed, left_alone)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [STEP, pointer, kind, what, repointed, left],
        )

    def tell(self) -> None:
        """Print how many rows of each table were re-pointed."""
        for what, pointer, kind, repointed, left in self.rows(
            "SELECT what, pointer, kind, repointed, left_alone FROM restorelog_repointed"
            " WHERE step = %s ORDER BY what, pointer, kind",
            [STEP],
        ):
            if repointed or left:
                done = "given" if what == "permission" else "re-pointed"
                more = f", {left} left as they are" if left else ""
                say(f"{what} {pointer} ({kind}): {repointed} {done}{more}")

    def tell_back(self, what: str, pointer: str, kind: str, rows: int) -> None:
        """Print how many rows of a table are as before, or refer to an original since."""
        if rows:
            done = "taken back" if what == "permission" else "put back"
            say(f"{what} {pointer} ({kind}): {rows} {done}")


def say(line: str) -> None:
    """Below the line in which Django says which migration it applies."""
    print(f"\n    {line}", end="", flush=True)
