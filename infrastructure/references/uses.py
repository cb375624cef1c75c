"""One use of the legacy model, or of what changes with it, in the product's source."""

from dataclasses import dataclass
from enum import StrEnum

import libcst as cst

from infrastructure.references.meanings import Origin
from infrastructure.references.source_file import SourceFile


class UseKind(StrEnum):
    """What a use is, in the words of the list."""

    DEFINITION = "definition"
    IMPORT = "import"
    STAR = "import of everything"
    GET_MODEL = "get_model"
    CREATION = "creation"
    QUERY = "query"
    USE = "use"
    ANNOTATION = "annotation"
    FOREIGN_KEY = "foreign key"
    SUBCLASS = "subclass"
    ADMIN = "admin registration"
    INLINE = "admin inline"
    SERIALIZER = "serializer"
    FORM = "form"
    FILTER = "filter"
    FACTORY = "factory"
    VIEW = "view"
    SIGNAL = "signal"
    CONTENT_TYPE = "content type"
    FIELD = "field"
    RELATION = "relation"
    REVERSE = "reverse name"
    LABEL = "label"
    DOTTED = "dotted name"
    PERMISSION = "permission"
    NAME = "name of a table or URL"
    TEMPLATE = "template"
    FIXTURE = "fixture"


@dataclass(eq=False)
class Rename:
    """A change of one node: a keyword's name, an attribute, or the text of a string."""

    file: SourceFile
    node: cst.CSTNode
    new: str


@dataclass(eq=False)
class Use:
    """A place, what it is, and what has to be done there.

    With `todo` it is done by hand. Without, it follows its origin: changed with it, or by hand as
    long as that stays.
    """

    path: str
    line: int
    column: int
    symbol: str
    kind: UseKind
    origin: Origin | None = None
    todo: str = ""
    note: str = ""
    """What to know of it once it is changed."""
    rename: Rename | None = None
    is_history: bool = False
