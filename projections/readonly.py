"""Base classes for models of projections: they can be read but refuse every write."""

from typing import Any, NoReturn, TypeVar

from django.db import models

from projections.errors import ReadOnlyProjection

M = TypeVar("M", bound=models.Model)


class ReadOnlyQuerySet(models.QuerySet[M]):
    """A queryset whose writing methods raise `ReadOnlyProjection`."""

    def _refuse(self, operation: str) -> NoReturn:
        raise ReadOnlyProjection(self.model._meta.db_table, operation)

    def create(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("create")

    def get_or_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("get_or_create")

    def update_or_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("update_or_create")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("bulk_create")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("bulk_update")

    def update(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("update")

    def _update(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("update")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("delete")

    def _raw_delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("delete")


class ReadOnlyModel(models.Model):
    """A row of a projection."""

    kept_by = ""
    """The index in whose order a rebuild leaves the rows on PostgreSQL; empty if in none."""

    objects = models.Manager.from_queryset(ReadOnlyQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ReadOnlyProjection(self._meta.db_table, "save")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ReadOnlyProjection(self._meta.db_table, "delete")
