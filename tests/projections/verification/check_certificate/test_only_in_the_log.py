"""Without the events, the check cannot know a value that an import derived, or that was amended.

Such a value may explain why a row is withheld from its table, or how it is amended. It is counted
as not checked, and the certificate is genuine. A derived value that is shown, and that the host
does not have now, is refused: that needs the events.
"""

import json
from typing import Any

import pytest

from tests.projections.verification.check_certificate.small_certificate import Files, certificate
from tests.projections.verification.sample_export import BACKUPS, RESTORES, Sample, text

EARLIER = ", unless the log says that it was derived earlier: give --events"
OUTDATED = "1 rows kept out by a name that their backup had earlier"
AMENDED = "1 values amended here"
OUT = "1 rows kept out by what was said here"
LONG, LONGER = "w" * 101, "w" * 150
NAME, TOO_LONG = (
    "256 characters, and the column holds 255",
    "101 characters, and the column holds 100",
)
NO_NUMBER = "not a whole number"


def sample(*, backup: str = "wiki", **changes: str) -> Sample:
    """Its consolidated restore names no database; its backup has this name now."""
    made = Sample()
    for side in (made.host, made.tables):
        side[BACKUPS][0]["database_name"] = text(backup)
    if len(backup) > 100:
        made.tables[BACKUPS] = []
        why = f"{len(backup)} characters, and the column holds 100"
        made.quarantine(BACKUPS, 3, "database_name", why)
    made.host[RESTORES][0].update({"target_database": "-"} | changes)
    return made


def shows(made: Sample, **cells: str) -> Sample:
    made.tables[RESTORES][0].update(cells)
    return made


def withholds(made: Sample, column: str, reason: str, by: str = "host") -> Sample:
    made.tables[RESTORES] = []
    made.quarantine(RESTORES, 7, column, reason, by)
    return made


def named(length: int, **changes: str) -> Sample:
    return sample(name=text("n" * length), **changes)


def endless(**changes: str) -> Sample:
    return sample(duration_seconds=text("long"), **changes)


GENUINE: list[tuple[Sample, list[str]]] = [
    (shows(sample(), target_database=text("wiki")), []),
    (withholds(sample(backup=LONG), "target_database", TOO_LONG), []),
    (withholds(sample(), "target_database", TOO_LONG), [OUTDATED]),
    (withholds(sample(), "target_database", "a NUL character"), [OUTDATED]),
    (withholds(sample(), "target_database", TOO_LONG, "here"), [OUT]),
    (withholds(sample(backup=LONGER), "target_database", TOO_LONG), [OUTDATED]),
    (withholds(endless(), "target_database", TOO_LONG), [OUTDATED]),
    (withholds(endless(backup=LONGER), "target_database", TOO_LONG), [OUTDATED]),
    (withholds(endless(), "duration_seconds", NO_NUMBER), []),
    (withholds(endless(backup=LONG), "duration_seconds", NO_NUMBER), [OUTDATED]),
    (shows(named(256), target_database=text("wiki"), amended=text('["name"]')), [AMENDED]),
    (
        withholds(named(256, duration_seconds=text("long")), "duration_seconds", NO_NUMBER),
        [AMENDED],
    ),
]
"""Certificates, and what of each is counted as not checked."""


@pytest.mark.parametrize(("made", "unknown"), GENUINE)
def test_what_only_the_log_has_may_explain_a_row(files: Files, made: Sample, unknown: list[str]):
    said = check(files, made)
    assert said["refused"] is None
    assert [what for what in said["not_checked"] if what in (OUTDATED, AMENDED, OUT)] == unknown


ITS_OWN = {"target_database": text("wiki")}
FITS = "row 7 is listed as quarantined, and each column can hold what it must"
REFUSED: list[tuple[Sample, str]] = [
    (shows(sample(), target_database=text("shop")), f"and must say 'wiki'{EARLIER}"),
    (
        shows(sample(backup=LONG), target_database=text("shop")),
        f"target_database would have to hold {TOO_LONG}; it is not listed as quarantined for "
        f"that{EARLIER}",
    ),
    (shows(sample(), target_database=text(LONG)), "target_database of row 7 says 'www"),
    (shows(sample(), target_database="-"), "row 7 says NULL, and must say 'wiki'"),
    (withholds(sample(), "target_database", "not text"), FITS),
    (withholds(sample(), "target_database", TOO_LONG.replace("101", "100")), FITS),
    (withholds(named(256), "target_database", TOO_LONG), f"name would have to hold {NAME}"),
    (withholds(named(256), "message", "not text"), f"name would have to hold {NAME}"),
    (
        withholds(endless(backup=LONG), "duration_seconds", "NULL"),
        f"duration_seconds would have to hold {NO_NUMBER}",
    ),
    (withholds(sample(backup=LONG), "message", "not text"), f"would have to hold {TOO_LONG}"),
    (shows(named(256), target_database=text("wiki")), f"name would have to hold {NAME}"),
    (
        withholds(sample(created_at=text("soon"), updated_at=text("late")), "updated_at", "late"),
        "created_at would have to hold not a time",
    ),
    (shows(sample(**ITS_OWN), target_database=text("shop")), "says 'shop', and must say 'wiki'."),
    (withholds(sample(**ITS_OWN), "target_database", TOO_LONG), FITS),
]  # fmt: skip
"""Certificates that nothing in a log explains, and why they are refused."""


@pytest.mark.parametrize(("made", "why"), REFUSED)
def test_what_no_log_explains_is_refused(files: Files, made: Sample, why: str):
    assert why in f"{check(files, made)['refused']}."


def check(files: Files, made: Sample) -> dict[str, Any]:
    files.sign(made.certificate(certificate()))
    files.rows.write_bytes(made.lines)
    done = files.check("--rows", files.rows, "--json")
    assert done.err == ""
    answer: dict[str, Any] = json.loads(done.out)
    return answer
