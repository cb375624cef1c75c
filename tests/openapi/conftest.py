"""A host that has been imported, for a service that can take every step."""

from tests.api.conftest import host, imported, sample

__all__ = ["host", "imported", "sample"]
