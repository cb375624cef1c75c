"""A row folded from an aggregate's own events: a table may be behind, or ahead."""

from types import SimpleNamespace
from typing import Any

from api.v1.rows import ROW_SHOWN
from domain.aggregate import Aggregate
from domain.consolidation.values import Scope
from projections.engine.fold import fold_each
from projections.engine.registry import row_projection


def folded_row(aggregate: Aggregate, label: str) -> Any:
    """The row of this table after all the aggregate's events, as `heads` would read it.

    Also of a row that the table does not show, because it is withheld.
    """
    *_, (_, _, row) = fold_each(row_projection(label), Scope.ALL, aggregate.events)
    assert row is not None, "every restore and backup has a row in the consolidated tables"
    columns = {name: getattr(row, name) for name in row.__struct_fields__}
    for column in ("message", "extra"):
        text = columns.get(column) or ""
        columns |= {f"{column}_head": text[:ROW_SHOWN], f"{column}_size": len(text)}
    return SimpleNamespace(**columns, pk=row.id)
