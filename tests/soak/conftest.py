"""What the long runs found, for docs/soak.md."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.soak import parameters


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
