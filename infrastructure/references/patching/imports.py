"""Imports of the consolidated model in place of the legacy one. What else a line imports stays."""

from dataclasses import dataclass, field

import libcst as cst

from infrastructure.references.host_models import HostModel
from infrastructure.references.labels import RESTORE
from infrastructure.references.meanings import Origin


@dataclass(eq=False)
class ImportChange:
    """What becomes of one statement: aliases that leave it, and the statement that follows it."""

    removed: list[cst.ImportAlias] = field(default_factory=list)
    added: list[cst.ImportFrom] = field(default_factory=list)
    renamed: dict[cst.ImportAlias, cst.ImportAlias] = field(default_factory=dict)


def change_import(change: ImportChange, origin: Origin, after: HostModel) -> None:
    """Add to a statement's change what this origin of it needs."""
    alias = origin.node
    if not isinstance(alias, cst.ImportAlias):
        change.added.append(_import(after.module, RESTORE, RESTORE))
        return
    bound = alias.evaluated_alias or alias.evaluated_name
    if isinstance(origin.statement, cst.Import):
        change.renamed[alias] = alias.with_changes(name=_dotted(after.module))
        return
    change.removed.append(alias)
    if origin.names_module:
        package, _, module = after.module.rpartition(".")
        change.added.append(_import(package, module, bound))
    else:
        change.added.append(_import(after.module, RESTORE, bound))


def without_names(
    statement: cst.ImportFrom, removed: list[cst.ImportAlias]
) -> cst.ImportFrom | None:
    """The statement without these names; None if none is left."""
    if isinstance(statement.names, cst.ImportStar):
        return statement
    kept = [alias for alias in statement.names if alias not in removed]
    if not kept:
        return None
    last = statement.names[-1]
    if last in removed:
        kept[-1] = kept[-1].with_changes(comma=_closing(kept[-1].comma, last.comma))
    return statement.with_changes(names=kept)


def _closing(
    comma: cst.Comma | cst.MaybeSentinel, last: cst.Comma | cst.MaybeSentinel
) -> cst.Comma | cst.MaybeSentinel:
    """The comma after a name that has become the last: laid out as the last one was."""
    if not isinstance(comma, cst.Comma) or not isinstance(last, cst.Comma):
        return last
    before, closing = comma.whitespace_after, last.whitespace_after
    if isinstance(before, cst.ParenthesizedWhitespace) and isinstance(
        closing, cst.ParenthesizedWhitespace
    ):
        # A comment behind the name stays with it.
        return last.with_changes(
            whitespace_after=closing.with_changes(first_line=before.first_line)
        )
    return last


def _import(module: str, name: str, bound: str) -> cst.ImportFrom:
    alias = cst.ImportAlias(cst.Name(name), cst.AsName(cst.Name(bound)) if bound != name else None)
    return cst.ImportFrom(_dotted(module), [alias])


def _dotted(name: str) -> cst.Attribute | cst.Name:
    *before, last = name.split(".")
    return cst.Attribute(_dotted(".".join(before)), cst.Name(last)) if before else cst.Name(last)
