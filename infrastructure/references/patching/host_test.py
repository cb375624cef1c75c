"""A test of `target_database` for the product's own suite.

It is written for the columns that the product's models have. Where a required column is of a kind
that no value can be made up for, the test looks at the field and stores no row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from infrastructure.references.host_models import HostModel
from infrastructure.references.labels import ADDED_FIELD, BACKUP, RESTORE
from infrastructure.references.nodes import argument, last_name
from infrastructure.references.project import Project

NAME = "test_target_database.py"
VALUES = {
    "CharField": '"nightly"',
    "TextField": '"nightly"',
    "SlugField": '"nightly"',
    "DateTimeField": "timezone.now()",
    "DateField": "timezone.now().date()",
    "IntegerField": "1",
    "BigIntegerField": "1",
    "SmallIntegerField": "1",
    "PositiveIntegerField": "1",
    "PositiveBigIntegerField": "1",
    "PositiveSmallIntegerField": "1",
    "FloatField": "1.0",
    "BooleanField": "False",
    "JSONField": "{}",
    "UUIDField": "uuid.uuid4()",
    "EmailField": '"ada@example.org"',
}
HEAD = '"""A restore says which database it went to."""\n\n'
OF_ROWS = '''\
class TargetDatabaseTests(TestCase):
    """The consolidated restores have the column that only the legacy ones had."""

    def restored(self, **values):
        """A restore that is stored."""
{rows}

    def test_the_target_is_stored_and_found(self):
        restore = self.restored(target_database="orders")
        restore.refresh_from_db()
        self.assertEqual(restore.target_database, "orders")
        self.assertEqual(RestoreLog.objects.get(target_database="orders"), restore)

    def test_a_restore_of_something_else_has_no_target(self):
        self.assertEqual(self.restored().target_database, "")
        self.assertTrue(RestoreLog._meta.get_field("target_database").blank)

    def test_a_name_that_is_too_long_is_refused(self):
        longest = RestoreLog._meta.get_field("target_database").max_length
        restore = self.restored(target_database="x" * longest)
        restore.clean_fields(exclude=self.others())
        restore.target_database += "x"
        with self.assertRaises(ValidationError):
            restore.clean_fields(exclude=self.others())

    def others(self):
        """Every other column, which may refuse what this test made up."""
        return {{field.name for field in RestoreLog._meta.fields}} - {{"target_database"}}
'''
OF_FIELD = '''\
class TargetDatabaseTests(SimpleTestCase):
    """The consolidated restores have the column that only the legacy ones had."""

    def test_a_restore_has_a_target_that_may_be_empty(self):
        field = RestoreLog._meta.get_field("target_database")
        self.assertTrue(field.blank)
        self.assertEqual(RestoreLog(target_database="orders").target_database, "orders")
        self.assertEqual(RestoreLog().target_database, "")

    def test_a_name_that_is_too_long_is_refused(self):
        field = RestoreLog._meta.get_field("target_database")
        with self.assertRaises(ValidationError):
            field.clean("x" * (field.max_length + 1), None)
'''


@dataclass
class _Rows:
    """The statements that make the rows, and the models that they need."""

    lines: list[str] = field(default_factory=list)
    models: set[str] = field(default_factory=set)
    is_possible: bool = True


def host_test_path(project: Project, model: HostModel) -> str:
    """Where the product's tests of this app are."""
    package = "" if model.package == "." else f"{model.package}/"
    folder = f"{package}tests/"
    inside = any(path.startswith(folder) for path in project.folder.python)
    return f"{folder if inside else package}{NAME}"


def host_test(project: Project, model: HostModel) -> str:
    """The test's source."""
    rows = _Rows()
    values = _values(project, model, rows, depth=0)
    if not rows.is_possible:
        imports = ["from django.core.exceptions import ValidationError",
                   "from django.test import SimpleTestCase"]  # fmt: skip
        return _whole(imports, model, {RESTORE}, OF_FIELD)
    rows.lines.append(_call("return RestoreLog.objects.create", [*values, "**values"]))
    made = "\n".join(f"        {line}" for text in rows.lines for line in text.split("\n"))
    imports = ["from django.core.exceptions import ValidationError",
               "from django.test import TestCase"]  # fmt: skip
    if "timezone." in made:
        imports.append("from django.utils import timezone")
    if "uuid." in made:
        imports.insert(0, "import uuid\n")
    return _whole(imports, model, rows.models | {RESTORE}, OF_ROWS.format(rows=made))


def _whole(imports: list[str], model: HostModel, names: set[str], body: str) -> str:
    ours = f"from {model.module} import {', '.join(sorted(names))}"
    return HEAD + "\n".join(imports) + f"\n\n{ours}\n\n\n" + body


def _values(project: Project, model: HostModel, rows: _Rows, depth: int) -> list[str]:
    """A keyword with a value for each column that must have one."""
    return [
        f"{name}={value}"
        for name, call in model.fields.items()
        if name != ADDED_FIELD and _is_required(call)
        for value in _value(project, model, name, call, rows, depth)
    ]


def _value(
    project: Project, model: HostModel, name: str, call: cst.Call, rows: _Rows, depth: int
) -> Iterator[str]:
    kind = last_name(call)
    if kind in VALUES:
        yield VALUES[kind]
        return
    target = argument(call, "to", 0)
    backups = project.backup_for(model)
    if (
        depth == 0
        and kind in ("ForeignKey", "OneToOneField")
        and target is not None
        and backups is not None
        and last_name(target.value) in (BACKUP, "")
        and backups.module == model.module
    ):
        values = _values(project, backups, rows, depth + 1)
        rows.lines.append(_call(f"backup = {BACKUP}.objects.create", values))
        rows.models.add(BACKUP)
        yield "backup"
        return
    rows.is_possible = False


def _is_required(call: cst.Call) -> bool:
    """Whether a row needs a value: no default, no null, nothing that Django fills in."""
    if last_name(call) in ("AutoField", "BigAutoField", "ManyToManyField"):
        return False
    filled = ("default", "null", "auto_now", "auto_now_add", "primary_key", "db_default")
    for name in filled:
        given = argument(call, name)
        if given is not None and (name.endswith("default") or last_name(given.value) != "False"):
            return False
    blank = argument(call, "blank")
    texts = ("CharField", "TextField", "SlugField")
    return not (blank is not None and last_name(call) in texts)


def _call(start: str, arguments: list[str]) -> str:
    line = f"{start}({', '.join(arguments)})"
    if len(line) <= 80:
        return line
    return "\n".join([f"{start}(", *(f"    {one}," for one in arguments), ")"])
