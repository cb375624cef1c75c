"""A product in either layout, and the command that searches it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.references.product import Product, made
from tests.support import here

Searched = Callable[..., dict[str, Any]]


def search(folder: Path, *options: str) -> dict[str, Any]:
    """What the command prints as JSON about a folder, and its exit code."""
    done = here.run("host_references", "--source", str(folder), *options, "--json", check=False)
    return {**done.json, "exit": done.code}


@pytest.fixture(scope="module", params=["standard", "origin"])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A product's source, in either layout; no test of the module changes it."""
    return made(tmp_path_factory.mktemp("product") / "source", request.param)


@pytest.fixture(scope="module")
def printed(product: Product) -> dict[str, Any]:
    """What is printed about it."""
    return search(product.root)


@pytest.fixture
def searched() -> Searched:
    return search
