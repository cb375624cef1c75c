"""What the readers of a file share: the project, the resolver and the uses found so far."""

from dataclasses import dataclass, field

import libcst as cst

from infrastructure.references.host_models import HostModel
from infrastructure.references.labels import ADDED_FIELD
from infrastructure.references.layout import is_inside
from infrastructure.references.meanings import Meaning, Origin
from infrastructure.references.nodes import argument, string_value
from infrastructure.references.project import Project
from infrastructure.references.resolver import Resolver
from infrastructure.references.source_file import SourceFile
from infrastructure.references.uses import Rename, Use, UseKind


@dataclass(eq=False)
class CollectedUses:
    """The uses, and the nodes that one of them is about: none is told twice."""

    project: Project
    resolver: Resolver
    uses: list[Use] = field(default_factory=list)
    claimed: set[cst.CSTNode] = field(default_factory=set)
    consolidated_sites: set[str] = field(default_factory=set)
    """The admin sites at which the consolidated model is registered."""
    inbound: set[str] = field(default_factory=set)
    """The names that foreign keys to the legacy model give it."""

    def add(
        self,
        file: SourceFile,
        node: cst.CSTNode,
        symbol: str,
        kind: UseKind,
        meaning: Meaning | None = None,
        *,
        todo: str = "",
        note: str = "",
        new: str = "",
    ) -> None:
        """Note a use at this node. `new` is the node's new text, if it can be changed."""
        if node in self.claimed:
            return
        self.claimed.add(node)
        origin = meaning.origin if meaning is not None else None
        model = meaning.model if meaning is not None else None
        if origin is not None:
            origin.is_used = True
        elif model is not None and not todo and not is_inside(file.path, model.package):
            todo = "import the consolidated model by name instead"
        line, column = file.place(node)
        self.uses.append(
            Use(
                file.path,
                line,
                column,
                symbol,
                kind,
                origin,
                todo,
                note,
                Rename(file, node, new) if new else None,
                file.is_migration,
            )
        )

    def note_inbound(self, file: SourceFile, call: cst.Call) -> None:
        """Note the reverse names of a foreign key to the legacy model."""
        around = next((a for a in file.ancestors(call) if isinstance(a, cst.ClassDef)), None)
        own = around.name.value.lower() if around is not None else ""
        given = (argument(call, name) for name in ("related_name", "related_query_name"))
        named = {string_value(one.value) or "" for one in given if one is not None}
        self.inbound |= (named or {own, f"{own}_set"}) - {""}

    def allowed(self, legacy: HostModel | None) -> set[str] | None:
        """The columns of the model that takes the legacy one's place; None if it is not known."""
        after = self.project.consolidated_for(legacy) if legacy is not None else None
        return after.columns | {ADDED_FIELD} if after is not None else None

    def why_given(self, file: SourceFile, value: cst.CSTNode, origin: Origin | None) -> str:
        """What to do about a backup that is given to a restore; empty if it fits.

        A legacy backup keeps its file as it is: the change would fail there for certain.
        """
        models = [one.model for one in self.resolver.of(file, value) if one.model is not None]
        after = self.project.consolidated_for(origin.model) if origin is not None else None
        backups = self.project.backup_for(after) if after is not None else None
        if models and all(model is backups for model in models):
            return ""
        todo = "give it a backup of system_backups.BackupLog: one of the legacy app does not fit"
        if origin is not None and models:
            line, _ = file.place(value)
            origin.keep(f"a backup of the legacy app is given to it in line {line}")
        return todo
