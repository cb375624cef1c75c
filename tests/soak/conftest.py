"""What the long runs found, for docs/soak.md."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journey.stage import Stage, drop_stage, make_stage
from tests.soak import parameters


@pytest.fixture
def stage(
    vendor: str,
    templates: dict[str, str],
    tmp_path: Path,
) -> Iterator[Stage]:
    """`ROWS` rows in each of the host's restore tables, imported."""
    made = make_stage(templates, vendor, tmp_path, parameters.ROWS)
    yield made
    drop_stage(made)


@pytest.fixture
def found() -> Callable[..., None]:
    """Notes what a test found: `found("kills of an import", "sqlite", "50 of 50 …")`."""

    def note(what: str, vendor: str, result: str, **details: Any) -> None:
        line = json.dumps({"what": what, "database": vendor, "result": result, **details})
        print(line)
        if parameters.RESULTS:
            with Path(parameters.RESULTS).open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    return note
