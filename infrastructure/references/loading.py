"""Which files of the tree are loaded with one of them: an import back into it is a circle."""

from collections.abc import Iterator

import libcst as cst

from infrastructure.references.nodes import dotted_name
from infrastructure.references.project import Project


def files_loaded_with(project: Project, path: str) -> Iterator[str]:
    """This file, and every file of the tree that is imported when it is."""
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        path = waiting.pop()
        file = project.file(path)
        if path in seen or file is None:
            continue
        seen.add(path)
        yield path
        everywhere = file.scopes.get(file.module)
        for node in file.nodes:
            if file.scopes.get(node) is not everywhere:
                continue
            if isinstance(node, cst.ImportFrom):
                place = project.layout.imported(node, file.path)
                waiting += [place] if place is not None else []
                if place is not None and not isinstance(node.names, cst.ImportStar):
                    below = (
                        project.layout.submodule(place, dotted_name(alias.name))
                        for alias in node.names
                    )
                    waiting += [one for one in below if one is not None]
            elif isinstance(node, cst.Import):
                places = (
                    project.layout.module(dotted_name(alias.name), file.path)
                    for alias in node.names
                )
                waiting += [place for place in places if place is not None]
