"""The one-file check, and an auditor's files."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.projections.verification.check_certificate.small_certificate import Files
from tests.support import checking


@pytest.fixture
def the_check() -> ModuleType:
    return checking.loaded()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)
