"""Production has a head file, or somebody said that it does without."""

from pathlib import Path

import pytest

from tests.conftest import fresh
from tests.support import service

PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "9876543210" * 6,
    "ALLOWED_HOSTS": "restorelog.example",
    "ALLOW_NO_HEAD_FILE": "",
    "HEAD_FILE": "",
}


@pytest.fixture
def database(templates: dict[str, str], tmp_path: Path) -> str:
    return fresh(templates, "sqlite", tmp_path)


def test_production_refuses_to_start_without_one(database: str):
    done = service.run("verify_log", database=database, env=PRODUCTION, check=False)
    assert (done.code, done.out) == (2, "")
    assert "HEAD_FILE is not set" in done.err
    assert len(done.err.splitlines()) == 1


def test_unless_it_is_told_to(database: str):
    service.run("verify_log", database=database, env={**PRODUCTION, "ALLOW_NO_HEAD_FILE": "1"})


def test_with_one_it_starts(database: str, tmp_path: Path):
    kept = str(tmp_path / "head.json")
    service.run("verify_log", database=database, env={**PRODUCTION, "HEAD_FILE": kept})


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "a minute"])
def test_a_limit_that_is_not_a_number_of_seconds_is_refused(database: str, text: str):
    env = {"DEBUG": "1", "LOG_MAX_AHEAD_SECONDS": text}
    done = service.run("verify_log", database=database, env=env, check=False)
    assert (done.code, "LOG_MAX_AHEAD_SECONDS" in done.err) == (2, True)
