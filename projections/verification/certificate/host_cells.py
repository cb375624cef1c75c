"""Cells of a host's values by the recipe that is published for auditors, `host-digest/1`.

They cover every column of the host, in the form of its own database and independent of the
mapping: see docs/recipes. The verification reads the same values as the recipe.
"""

import re
from typing import Any, Final

from projections.verification.actual.readers.base import Wanted
from projections.verification.cells import Cells, Values, anything, cell

RECIPE: Final = "host-digest/1"

_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?")


def host_cells(vendor: str, want: Wanted, values: Values) -> Cells:
    """Cells of a host's column that was read as `want` says."""
    type_ = want.column.type
    if vendor == "postgresql" and type_ == "bytea":
        # These are read as text that begins with `\x`.
        return ["-" if v is None else cell("x", v[2:]) for v in values]
    if want.kind != "time" and _is_time(vendor, type_):
        values = [_longest(v) for v in values]
    return [f"t{len(v)}:{v}" if v.__class__ is str and v.isascii() else anything(v) for v in values]


def _is_time(vendor: str, type_: str) -> bool:
    if vendor == "postgresql":
        return type_ in ("timestamp", "timestamptz")
    return vendor == "mysql" and type_.startswith(("datetime", "timestamp"))


def _longest(value: Any) -> Any:
    """A time in the form of the comparison: with a T, to the microsecond."""
    found = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    day, clock, fraction = found.groups()
    return f"{day}T{clock}.{fraction or '':0<6}"
