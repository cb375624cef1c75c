"""What an expression of the product can mean: a model, its manager, a row of it, a module."""

from dataclasses import dataclass, field
from enum import StrEnum

import libcst as cst

from infrastructure.references.host_models import HostModel
from infrastructure.references.source_file import SourceFile

QUERIES = frozenset(
    {"all", "filter", "exclude", "order_by", "select_related", "prefetch_related", "annotate",
     "distinct", "only", "defer", "using", "reverse", "select_for_update", "none", "union",
     "intersection", "difference", "alias", "extra", "raw", "iterator", "get_queryset",
     "complex_filter", "values",
     "values_list"}
)  # fmt: skip
"""Methods of a manager or queryset that lead to rows of the same model."""
ROWS = frozenset(
    {"get", "create", "first", "last", "earliest", "latest", "aget", "acreate", "afirst", "alast",
     "aearliest", "alatest"}
)  # fmt: skip
OTHER_METHODS = frozenset(
    {"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create", "aggregate",
     "aaggregate", "count", "acount", "exists", "aexists", "delete",
     "adelete", "update", "aupdate", "bulk_create", "abulk_create", "bulk_update", "abulk_update",
     "in_bulk", "ain_bulk", "dates", "datetimes", "explain", "contains", "acontains", "as_manager",
     "from_queryset", "db_manager", "model", "db", "query", "ordered", "auto_created", "name",
     "contribute_to_class", "check", "deconstruct"}
)  # fmt: skip


class Sort(StrEnum):
    MODULE = "module"
    EXTERNAL = "external"
    MODEL = "model"
    QUERY = "query"
    METHOD = "method"
    ROW = "row"
    OTHER = "other"
    """Another class of the product than the models, or an instance of one."""
    UNKNOWN = "unknown"


@dataclass(eq=False)
class Origin:
    """Where a file gets the legacy model from: what would be changed, and what forbids that."""

    file: SourceFile
    node: cst.CSTNode
    """An alias of an import, an `import *`, or a call of `get_model`."""
    statement: cst.CSTNode
    model: HostModel
    names_module: bool = False
    """Whether it imports the module that has the model, not the model."""
    why_not: str = ""
    """Why it stays as it is; empty if it can be changed."""
    is_used: bool = False
    """Whether the model is used by it; a module may be imported for others."""
    sites: set[str] = field(default_factory=set)
    """The admin sites at which the model is registered by this name."""
    further: list[tuple[SourceFile, cst.CSTNode, str]] = field(default_factory=list)
    """Where a query or row of it uses a name other than its columns'."""

    def keep(self, why: str) -> None:
        """It must stay as it is. The first reason is the one that is told."""
        self.why_not = self.why_not or why


@dataclass(frozen=True)
class Meaning:
    """One thing that an expression can mean. `name` is a place, a dotted name or a method."""

    sort: Sort
    name: str = ""
    model: HostModel | None = None
    origin: Origin | None = None

    def is_legacy(self, sort: Sort) -> bool:
        return self.sort is sort and self.model is not None and self.model.is_legacy


Meanings = frozenset[Meaning]
NOTHING_KNOWN: Meanings = frozenset()
UNKNOWN = frozenset({Meaning(Sort.UNKNOWN)})


def first_legacy(found: Meanings, sort: Sort) -> Meaning | None:
    """The meaning as the legacy model; of several, the one whose origin comes first."""
    return min(
        (one for one in found if one.is_legacy(sort)),
        key=lambda one: _place(one.origin),
        default=None,
    )


def _place(origin: Origin | None) -> tuple[str, int, int]:
    return (origin.file.path, *origin.file.place(origin.node)) if origin is not None else ("", 0, 0)


def dotted_name_of(found: Meanings) -> str:
    """The dotted name of what is not in the tree; empty if it can mean something else, too."""
    names = {one.name for one in found if one.sort is Sort.EXTERNAL}
    return names.pop() if len(names) == 1 and len(found) == 1 else ""


def last_name_of(dotted: str) -> str:
    return dotted.rpartition(".")[2]
