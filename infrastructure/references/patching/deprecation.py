"""The legacy model's deprecation: it warns when it is used, not when Django loads it."""

import libcst as cst

from infrastructure.references.host_models import HostModel
from infrastructure.references.labels import CONSOLIDATED

MODULE = "deprecated_model"
DECORATOR = "warns_on_use"
SOURCE = '''\
"""A model that is deprecated: it warns when it is used, not when its module is loaded."""

import functools
import inspect
import warnings


class _Warning:
    """Stands for one of the model's managers, and warns when somebody asks for it."""

    def __init__(self, manager, message):
        self.manager = manager
        self.message = message

    def __get__(self, instance, owner=None):
        warnings.warn(self.message, DeprecationWarning, stacklevel=2)
        return self.manager.__get__(instance, owner)


def warns_on_use(instead):
    """Mark a model as deprecated in favour of another one, which is named by its label.

    It warns when a row is made or loaded, and when one of its managers is asked for. Django loads
    the model at every start and looks at its columns; that is no use, and warns of nothing.
    """

    def marked(model):
        message = f"{model._meta.label} is deprecated: use {instead}"
        initialise = model.__init__

        @functools.wraps(initialise)
        def warn_and_initialise(self, *args, **kwargs):
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            initialise(self, *args, **kwargs)

        model.__init__ = warn_and_initialise
        for manager in model._meta.managers:
            descriptor = inspect.getattr_static(model, manager.name)
            setattr(model, manager.name, _Warning(descriptor, message))
        return model

    return marked
'''


def is_deprecated(model: HostModel) -> bool:
    """Whether a patch has done it already."""
    decorators = model.node.decorators if model.node is not None else ()
    return any(
        isinstance(one.decorator, cst.Call)
        and isinstance(one.decorator.func, cst.Name)
        and one.decorator.func.value == DECORATOR
        for one in decorators
    )


def deprecated(node: cst.ClassDef) -> cst.ClassDef:
    """The model's class with the decorator that makes it warn."""
    call = cst.parse_expression(f'{DECORATOR}("{CONSOLIDATED}")')
    return node.with_changes(decorators=[*node.decorators, cst.Decorator(call)])


def import_line(model: HostModel) -> str:
    """The import of the decorator, in the file of the model."""
    inside = model.path.removeprefix(f"{model.package}/") if model.package != "." else model.path
    return f"from {'.' * (inside.count('/') + 1)}{MODULE} import {DECORATOR}"
