"""A stage for each test: a host and a service that has imported it, both on the same database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from tests.conftest import use
from tests.journey.killing import Steps, small_steps
from tests.journey.stage import Stage, drop_stage, make_stage

FEW = 150


@pytest.fixture
def stage(
    vendor: str,
    templates: dict[str, str],
    tmp_path: Path,
) -> Iterator[Stage]:
    """As many rows as are read and written in several parts, imported."""
    made = make_stage(templates, vendor, tmp_path)
    yield made
    drop_stage(made)


@pytest.fixture
def steps(
    vendor: str,
    templates: dict[str, str],
    tmp_path: Path,
) -> Iterator[Steps]:
    """A small stage, imported, whose steps can be killed; this process is connected to it."""
    with small_steps(templates, vendor, tmp_path) as made:
        yield made


@pytest.fixture
def quarantine() -> int:
    """How many of the host's legacy rows no table can hold; tests parametrise it."""
    return 0


@pytest.fixture
def small(
    vendor: str,
    templates: dict[str, str],
    quarantine: int,
    tmp_path: Path,
) -> Iterator[Stage]:
    """`FEW` rows in each of the host's restore tables, imported; this process is the service's."""
    options = {"quarantine": quarantine} if quarantine else {}
    made = make_stage(templates, vendor, tmp_path, FEW, **options)
    use(made.service)
    yield made
    connections.close_all()
    drop_stage(made)
