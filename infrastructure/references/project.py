"""The product's source as a whole: its files, parsed when asked for, its apps and its models."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import PurePosixPath

import libcst as cst

from infrastructure.references.errors import UnreadableSource
from infrastructure.references.folder import SourceFolder
from infrastructure.references.host_models import AppName, HostModel, app_of, models_of
from infrastructure.references.labels import BACKUP, CONSOLIDATED_APP, LEGACY_APP, RESTORE
from infrastructure.references.layout import TreeLayout, is_inside
from infrastructure.references.source_file import SourceFile, parsed_file

DEFINED = re.compile(rb"class\s+(?:%b|%b)\b" % (RESTORE.encode(), BACKUP.encode()))


class Project:
    """A tree that is searched. A file that cannot be read is noted in `folder.unread`."""

    def __init__(self, folder: SourceFolder) -> None:
        self.folder = folder
        self.layout = TreeLayout(folder.root, folder.python)
        self.legacy_elsewhere = HostModel(LEGACY_APP, RESTORE)
        self._files: dict[str, SourceFile | None] = {}
        self._apps: dict[str, AppName] = {}
        self._models: dict[cst.CSTNode, HostModel] = {}

    def bytes_of(self, path: str) -> bytes:
        """A file's bytes; none if it cannot be read, which is noted."""
        try:
            return self.folder.read(path)
        except UnreadableSource as error:
            self.folder.unread[path] = str(error)
            return b""

    def file(self, path: str) -> SourceFile | None:
        """The parsed file; None for a folder, and for what cannot be read."""
        if not path.endswith((".py", ".pyi")):
            return None
        if path not in self._files:
            self._files[path] = self._parsed(path)
        return self._files[path]

    def _parsed(self, path: str) -> SourceFile | None:
        try:
            file = parsed_file(path, self.folder.read(path))
            _ = file.scopes  # it fails here, if at all
        except UnreadableSource as error:
            self.folder.unread[path] = str(error)
        except RecursionError:
            self.folder.unread[path] = "it is nested too deeply"
        else:
            return file
        return None

    def _config(self, path: str) -> SourceFile | None:
        """A file of which only the tree is needed."""
        try:
            return parsed_file(path, self.folder.read(path))
        except UnreadableSource as error:
            self.folder.unread[path] = str(error)
            return None

    def find_models(self, tick: Callable[[int, int | None], None]) -> None:
        """Find the models. Before this, no class is known to be one."""
        python = self.folder.python
        for count, path in enumerate(python, start=1):
            if DEFINED.search(self.bytes_of(path)) and (file := self.file(path)) is not None:
                app = self.app(self.layout.package_of(path))
                for model in models_of(file, self.layout, app):
                    if model.node is not None:
                        self._models[model.node] = model
            tick(count, len(python))

    @property
    def models(self) -> Iterator[HostModel]:
        yield from self._models.values()

    @cached_property
    def legacy(self) -> list[HostModel]:
        """The legacy model. A tree with several products has one for each."""
        return [model for model in self.models if model.is_legacy]

    def model_of(self, node: cst.CSTNode) -> HostModel | None:
        """The model that this class is."""
        return self._models.get(node)

    def legacy_model_at(self, place: str) -> HostModel | None:
        """The legacy model, if this place is in its app and leads to it."""
        return next(
            (
                model
                for model in self.legacy
                if is_inside(place, model.package)
                and "migrations" not in PurePosixPath(place).parts
                and _leads_to(place, model)
            ),
            None,
        )

    def by_label(self, app: str, name: str, asker: str) -> HostModel | None:
        """The model with this label; of several, the one nearest to the file that asks."""
        found = [m for m in self.models if (m.app, m.name.lower()) == (app, name.lower())]
        if not found and (app, name.lower()) == (LEGACY_APP, RESTORE.lower()):
            return self.legacy_elsewhere
        return max(found, key=lambda model: _shared(model.path, asker), default=None)

    def consolidated_for(self, legacy: HostModel) -> HostModel | None:
        """The model that takes this one's place; None if there is none, or more than one."""
        return self._partner(legacy, CONSOLIDATED_APP, RESTORE)

    def backup_for(self, restore: HostModel) -> HostModel | None:
        """The model of the backups that this model's restores were made from."""
        return self._partner(restore, restore.app, BACKUP)

    def app(self, package: str) -> AppName:
        if package not in self._apps:
            configs = None
            for name in ("apps.py", "apps/__init__.py", "__init__.py"):
                path = str(PurePosixPath(package, name))
                if path in self.folder.files and b"AppConfig" in self.bytes_of(path):
                    configs = self._config(path)
                    break
            inferred = self.layout.dotted(package, self._settings)
            self._apps[package] = app_of(configs, package, inferred)
        return self._apps[package]

    @cached_property
    def _settings(self) -> str:
        """The text of every file that names the installed apps."""
        texts = (self.bytes_of(path) for path in self.folder.python)
        return "\n".join(t.decode(errors="replace") for t in texts if b"INSTALLED_APPS" in t)

    def _partner(self, model: HostModel, app: str, name: str) -> HostModel | None:
        found = [one for one in self.models if (one.app, one.name) == (app, name)]
        nearest = max((_shared(one.path, model.path) for one in found), default=0)
        best = [one for one in found if _shared(one.path, model.path) == nearest]
        return best[0] if len(best) == 1 else None


def _shared(one: str, other: str) -> int:
    """How many folders two paths share."""
    count = 0
    for a, b in zip(PurePosixPath(one).parts, PurePosixPath(other).parts, strict=False):
        if a != b:
            break
        count += 1
    return count


def _leads_to(place: str, model: HostModel) -> bool:
    """Whether it is the model's module, or a package above it."""
    folder = place.removesuffix("/__init__.py")
    return place == model.path or is_inside(model.path, folder)
