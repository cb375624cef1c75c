"""What Django knows of models whose foreign keys were changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.backends.utils import truncate_name
from django.db.migrations.operations.base import Operation

from projections.host_migration.pointers.parts.values import FOREIGN_KEYS, MODELS

if TYPE_CHECKING:
    from django.db.migrations.state import ProjectState
    from django.db.models import Field

# --- The text from here on is the same in every migration. ---


class PointElsewhere(Operation):
    """The models whose foreign keys were changed refer to the consolidated model.

    They are models of other apps, which an operation of a migration does not change otherwise.
    """

    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        through: set[tuple[str, str]] = set()
        for key, name, field in _relations(state):
            kind = next((kind for kind, *column in FOREIGN_KEYS if column in _columns(key, name,
                        field, state)), None)  # fmt: skip
            if kind is not None:
                _refer_to(state, key, name, field, kind)
                through |= set() if field.many_to_many else {key}
        for key, name, field in _relations(state):
            # What goes through such a model, to the legacy model, goes to the consolidated one.
            by, to = getattr(field.remote_field, "through", None), _target(field)
            if by is not None and _model_key(by, key[0]) in through:
                for kind, (legacy, _) in MODELS.items():
                    if _model_key(to, key[0]) == legacy:
                        _refer_to(state, key, name, field, kind)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Nothing: the operation before has changed the database."""

    database_backwards = database_forwards

    def describe(self) -> str:
        return "Foreign keys refer to the consolidated models"


def _relations(state: ProjectState) -> list[tuple[tuple[str, str], str, Field[Any, Any]]]:
    return [
        (key, name, field)
        for key, model in state.models.items()
        for name, field in model.fields.items()
        if field.remote_field is not None
    ]


def _columns(
    key: tuple[str, str], name: str, field: Field[Any, Any], state: ProjectState
) -> list[list[str]]:
    """The columns in which this field keeps the id of what it refers to; none if it has none."""
    table = state.models[key].options.get("db_table") or "_".join(key)
    columns = [field.db_column or f"{name}_id"]
    if field.many_to_many:
        if getattr(field.remote_field, "through", None) is not None:
            return []
        table = getattr(field, "db_table", None) or f"{table}_{name}"
        model = _model_key(_target(field), key[0])[1]
        columns = [f"{model}_id", f"to_{model}_id"]
    # Long names are shortened as the database needs it.
    tables = {truncate_name(table, length) for length in (None, 63, 64)}
    return [[one, column] for one in tables for column in columns]


def _target(field: Field[Any, Any]) -> Any:
    """The model that a field refers to, or its label."""
    return getattr(field.remote_field, "model", None)


def _model_key(model: Any, app: str) -> tuple[str, str]:
    """The app and the name of a model that a field refers to."""
    if not isinstance(model, str):
        return model._meta.app_label, model._meta.model_name
    own, dot, name = model.rpartition(".")
    return (own if dot else app), name.lower()


def _refer_to(
    state: ProjectState, key: tuple[str, str], name: str, field: Field[Any, Any], kind: str
) -> None:
    _, _, args, options = field.deconstruct()
    options["to"] = ".".join(MODELS[kind][1])
    state.alter_field(*key, name, field.__class__(*args, **options), True)
