"""Errors of writing a migration of what refers to legacy rows. Nothing was written then."""

from collections.abc import Mapping

from domain.messages import remedy
from projections.host_migration.errors import HostMigrationError


class PointersUnclear(HostMigrationError):
    """`unclear` are columns that refer to legacy rows and cannot be re-pointed, each with why."""

    code = "pointers_unclear"

    def __init__(self, unclear: Mapping[str, str]) -> None:
        listed = "; ".join(f"{name}: {why}" for name, why in unclear.items())
        first = next(iter(unclear))
        super().__init__(
            f"These refer to legacy rows and cannot be re-pointed: {listed}. Nothing was written. "
            "Name the column with the id if that is what is missing (",
            remedy(object_id=f"{first}=COLUMN"),
            "), or confirm each that is to go on referring to legacy rows: ",
            remedy(leave_out=first),
        )


class NothingToRepoint(HostMigrationError):
    code = "nothing_to_repoint"

    def __init__(self) -> None:
        super().__init__("Nothing in the host refers to legacy rows. Nothing was written.")


class RowsNotMoved(HostMigrationError):
    code = "rows_not_moved"

    def __init__(self) -> None:
        super().__init__(
            "The host has no record of moved rows, so nothing can refer to their copies. Nothing "
            "was written. First apply a migration of: ",
            remedy("host_migration", out="DIR"),
        )
