"""The type that a host's column is declared with decides what a target can hold of it."""

from typing import Any

import pytest

from tests.projections.verification.check_certificate.small_certificate import Files, certificate
from tests.projections.verification.sample_export import (
    LABELS,
    RESTORES,
    TIMES,
    Json,
    Sample,
    text,
)

NO_TEXT, OTHER = "not text", "not text, or not Unicode"
NO_NUMBER, DECIMAL = "not a whole number", "a whole number, but not as an integer of 64 bits"
RANGE = "a number that is not between 0 and 2147483647"
NO_TIME = "not of a type of times"
UNFIT = [
    ("sqlite", "message", "datetime", text("2024-05-01 00:00:00"), NO_TEXT),
    ("sqlite", "message", "date", text("2024-05-01"), OTHER),
    ("sqlite", "message", "numeric", text("1e400"), NO_TEXT),
    ("sqlite", "message", "text", text("k\udcff"), OTHER),
    ("sqlite", "duration_seconds", "text", text("5"), DECIMAL),
    ("sqlite", "duration_seconds", "real", "f3:5.0", DECIMAL),
    ("sqlite", "duration_seconds", "numeric", text("99999999999999999999"), RANGE),
    ("sqlite", "created_at", "date", text("2024-05-01 00:00:00"), NO_TIME),
    ("sqlite", "created_at", "bool datetime", text("2024-05-01 00:00:00"), NO_TIME),
    ("sqlite", "created_at", "datetime", "i4:2024", NO_TIME),
    ("postgresql", "message", "uuid", text("0f0e0d0c-0b0a-4988-8776-655443322110"), OTHER),
    ("postgresql", "message", "jsonb", text("7"), OTHER),
    ("postgresql", "message", "interval", text("1 day"), OTHER),
    ("postgresql", "message", "numeric", text("1.5"), NO_TEXT),
    ("postgresql", "message", "float8", text("1.5"), NO_TEXT),
    ("postgresql", "message", "bytea", "x2:61", NO_TEXT),
    ("postgresql", "message", "timestamptz", text("2024-05-01T00:00:00.000000"), NO_TEXT),
    ("postgresql", "duration_seconds", "numeric", text("5"), DECIMAL),
    ("postgresql", "duration_seconds", "numeric", text("99999999999999999999"), RANGE),
    ("postgresql", "duration_seconds", "bool", "b1:1", NO_NUMBER),
    ("postgresql", "created_at", "date", text("2024-05-01"), NO_TIME),
    ("mysql", "message", "date", text("2024-05-01"), OTHER),
    ("mysql", "message", "decimal(9,4)", text("1.5000"), NO_TEXT),
    ("mysql", "message", "datetime(6)", text("2024-05-01T00:00:00.000000"), NO_TEXT),
    ("mysql", "duration_seconds", "double", text("5"), DECIMAL),
    ("mysql", "duration_seconds", "bigint unsigned", "i20:18446744073709551615", RANGE),
    ("mysql", "created_at", "year", text("2024"), NO_TIME),
]
FITTING = [
    ("sqlite", "message", "bool datetime", text("2024"), text("2024")),
    ("sqlite", "message", "numeric", text("a few"), text("a few")),
    ("sqlite", "created_by_id", "real", "f3:inf", text("Infinity")),
    ("sqlite", "created_by_id", "text", text("k\udcff"), text("6bff")),
    ("postgresql", "message", "text", text("2024-05-01"), text("2024-05-01")),
    ("postgresql", "created_by_id", "bool", "b1:1", text("true")),
    ("postgresql", "created_by_id", "jsonb", text("7"), text("7")),
    ("postgresql", "created_by_id", "bytea", "x4:61ff", text("61ff")),
    ("postgresql", "created_by_id", "timestamptz", text("2024-05-01T00:00:00.500000"),
     text("2024-05-01 00:00:00.5+00")),
    ("postgresql", "created_by_id", "timestamp", text("2024-05-01T00:00:00.000000"),
     text("2024-05-01 00:00:00")),
    ("mysql", "message", "enum('a','b')", text("a"), text("a")),
    ("mysql", "created_by_id", "datetime(3)", text("2024-05-01T00:00:00.500000"),
     text("2024-05-01 00:00:00.500")),
    ("mysql", "created_by_id", "date", text("2024-05-01"), text("2024-05-01")),
]  # fmt: skip
USUAL = {"sqlite": ("varchar(255)", "datetime"), "postgresql": ("text", "timestamptz"),
         "mysql": ("varchar(255)", "timestamp(6)")}  # fmt: skip


def sample(vendor: str, column: str, declared: str, cell: str) -> Sample:
    """A host of this kind whose consolidated restore says this, in a column of this type."""
    made = Sample()
    words, moments = USUAL[vendor]
    for label in LABELS:
        for name in made.types[label]:
            made.types[label][name] = moments if name in TIMES else words
    made.types[RESTORES][column] = declared
    made.host[RESTORES][0][column] = cell
    return made


def refusal(files: Files, vendor: str, made: Sample) -> Any:
    """Why the check refuses the certificate of this sample; None if it does not."""
    content: Json = made.certificate(certificate())
    content["host"]["vendor"] = content["host"]["source"]["vendor"] = vendor
    if vendor != "sqlite":
        content["host"]["source"] |= {"path": None, "server": "db:1", "database": "shop"}
    files.sign(content)
    files.rows.write_bytes(made.lines)
    done = files.check("--rows", files.rows)
    assert done.code in (0, 1), done.err
    last = done.out.splitlines()[-1]
    return last if done.code else None


@pytest.mark.parametrize(("vendor", "column", "declared", "cell", "reason"), UNFIT)
def test_a_row_that_does_not_fit_is_out_for_its_one_reason(
    files: Files, vendor: str, column: str, declared: str, cell: str, reason: str
):
    for listed in (reason, "a NUL character", None):
        made = sample(vendor, column, declared, cell)
        made.tables[RESTORES] = []
        if listed:
            made.quarantine(RESTORES, 7, column, listed)
        refused = refusal(files, vendor, made)
        if listed == reason:
            assert refused is None
        else:
            assert f"{column} would have to hold {reason}" in refused


@pytest.mark.parametrize(("vendor", "column", "declared", "cell", "shown"), FITTING)
def test_a_row_that_fits_stands_and_cannot_be_listed(
    files: Files, vendor: str, column: str, declared: str, cell: str, shown: str
):
    made = sample(vendor, column, declared, cell)
    made.tables[RESTORES][0][column] = shown
    assert refusal(files, vendor, made) is None
    made.tables[RESTORES] = []
    made.quarantine(RESTORES, 7, column, NO_TEXT)
    assert "is listed as quarantined, and each column can hold" in refusal(files, vendor, made)
