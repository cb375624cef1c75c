"""Which rows a statement is for: all of them, or those of one batch."""

from typing import Final

LIMIT: Final = "\0"
"""Stands for a limit of a batch until the statement is complete: no name or value has it."""


class Within:
    """In a template, `{within[l.id]}` limits a column to the batch, or to nothing at all.

    Both sides of a join are limited: no database concludes the one limit from the other, and the
    record alone would be read as a whole for each batch.
    """

    def __init__(self, *, batches: bool) -> None:
        self.batches = batches

    def __getitem__(self, column: str) -> str:
        return f"\n    AND {column} > {LIMIT} AND {column} <= {LIMIT}" if self.batches else ""


def with_parameters(statement: str) -> str:
    """The complete statement. One of a batch is run with its limits, the lower one first."""
    if LIMIT not in statement:
        return statement
    return statement.replace("%", "%%").replace(LIMIT, "%s")
