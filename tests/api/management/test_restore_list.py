"""`restores`: what it finds is what REST finds; it fits the terminal; it says why it is empty."""

import json

import pytest
from rich.cells import cell_len

from api.management.fitted_table import Column, fitted_table
from tests.api.conftest import Reader
from tests.api.rows import hours, legacy, put, restore
from tests.builders import NOON
from tests.support import here


@pytest.fixture
def rows(database: str) -> None:
    put(
        restore(1, status="failed", name="nightly orders", target_database="orders",
                created_by_username="ada", created_at=NOON, duration_seconds=6312,
                started_at=NOON, extra=json.dumps({"ticket": "OPS-1"})),
        restore(2, status="partial", name="weekly orders", target_database="orders",
                created_by_username="grace", created_at=NOON + hours(24), restore_type="files"),
        restore(3, status="completed", name="100% of shop", created_by_username="ada",
                created_at=NOON + hours(48), message="disk full"),
    )  # fmt: skip
    put(legacy(9, status="failed", name="old"))


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (["--failed"], {"status": "failed"}),
        (["--status", "failed,partial"], {"status_in": "failed,partial"}),
        (["--target", "orders"], {"target_database": "orders"}),
        (["--target", ""], {"target_database": ""}),
        (["--user", "ada"], {"created_by_username": "ada"}),
        (["--search", "ORDERS ada"], {"search": "ORDERS ada"}),
        (["--search", "100%"], {"search": "100%"}),
        (["--since", "2025-06-02 14:00"], {"since": "2025-06-02T12:00:00Z"}),
        (["--since", "2025-06-02 14:00"], {"since": "2025-06-02 14:00", "tz": "Europe/Berlin"}),
        (["--until", "2025-06-02T12:00Z"], {"until": "2025-06-02T12:00:00Z"}),
        (["--until", "2025-06-02"], {"until": "2025-06-02T21:59:59Z"}),
        (["--last", "30000 days"], {"last": "30000d"}),
        (["--last", "1 day"], {"last": "24h"}),
        (["--filter", "created_at_after=2025-06-02 14:00"],
         {"created_at_after": "2025-06-02T12:00:00Z"}),
        (["--attribute", "ticket=OPS-1"], {"extra.ticket": "OPS-1"}),
        (["--attribute", "ticket_isnull=true"], {"extra.ticket_isnull": "true"}),
        (["--filter", "restore_type=files"], {"restore_type": "files"}),
        (["--filter", "duration_seconds_min=60", "--user", "ada"],
         {"duration_seconds_min": "60", "created_by_username": "ada"}),
        (["--filter", "started_at_after=2025-06-01 14:00"],
         {"started_at_after": "2025-06-01T12:00:00Z"}),
    ],
)  # fmt: skip
def test_the_options_find_what_rest_finds(
    options: list[str], asked: dict[str, str], viewer: Reader
):
    found = here.run("restores", *options, "--json", tz="Europe/Berlin").json["restores"]
    assert [row["id"] for row in found] == viewer.ids("restores/", **asked)[::-1]


@pytest.mark.usefixtures("rows")
def test_the_legacy_table_is_another_list():
    assert [row["id"] for row in here.run("restores", "--legacy", "--json").json["restores"]] == [9]


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--filter", "nmae=x"],
         "--filter nmae=x: there is no filter 'nmae'. The nearest is 'name'"),
        (["--filter", "id=x"], "--filter id=x: Give a whole number of at most 64 bits."),
        (["--filter", "name"], "--filter name: give NAME=VALUE."),
        (["--filter", "present=any"], "--filter present=any: a list of rows that are not in the"),
        (["--last", "1d", "--since", "1d"], "Give last, or since and until."),
        (["--attribute", "=1"], "--attribute =1: give NAME=VALUE."),
        (["--filter", "status=a", "--failed"], "--failed: status is given twice."),
        (["--search", "x " * 11], "Search for at most 10 words."),
        (["--filter", "origin=here"], "--filter origin=here: There is no 'here'."),
        (["--until", "soon"], "--until: 'soon' is not a time."),
        (["--target", "a\0b"], "--target a\\x00b: Null characters are not allowed."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_the_options_name(options: list[str], said: str):
    refused = here.run("restores", *options, check=False)
    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err
    assert len(refused.err.splitlines()) == 1


@pytest.mark.usefixtures("rows")
def test_an_unknown_zone_of_the_shell_is_refused():
    refused = here.run("restores", check=False, tz="Europe/Berlim")
    assert (refused.code, refused.out) == (2, "")
    assert "TZ='Europe/Berlim' is not a known time zone" in refused.err


@pytest.mark.usefixtures("rows")
def test_the_table_shows_times_with_their_zone():
    lines = here.run("restores", "--failed", tz="Europe/Berlin").out.splitlines()
    assert lines[0].split("  ")[1].strip() == "started (+02:00)"
    assert "2025-06-01 14:00:00" in lines[1]
    assert "1h 45m" in lines[1]
    assert lines[-1] == "Times are in your time zone, Europe/Berlin."


def test_times_of_two_offsets_each_show_their_own(database: str):
    put(restore(1, started_at=NOON), restore(2, started_at=NOON + hours(24 * 180)))
    text = here.run("restores", tz="Europe/Berlin").out
    assert "2025-06-01 14:00:00 +02:00" in text
    assert "2025-11-28 13:00:00 +01:00" in text


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--target", "ordrs"],
         ["ordrs: No row has ever had this value. The nearest is 'orders'.", "No restore matches.",
          "Without --target ordrs there are 3."]),
        (["--failed", "--user", "grace"],
         ["Without --failed there would be 1.", "Without --user grace there would be 1."]),
        (["--failed", "--since", "2025-06-02"],
         ["--since 2025-06-02 is 2025-06-02 00:00:00 UTC", "Without --since 2025-06-02 there "
          "would be 1.", "Without --failed there would be 2."]),
        (["--failed", "--user", "grace", "--search", "shop"],
         ["With --failed alone there would be 1.", "With --search shop alone there would be 1."]),
    ],
)  # fmt: skip
def test_an_empty_list_says_which_filter_is_the_reason(options: list[str], said: list[str]):
    text = here.run("restores", *options).out
    assert [one for one in said if one not in text] == [], text


def test_an_empty_table_says_what_to_do(database: str):
    assert "No restore is recorded yet." in here.run("restores").out
    assert "manage.py import_host" in here.run("restores", "--legacy").out
    put(legacy(9))
    told = here.run("restores", "--failed").out
    assert told.strip() == (
        "The consolidated table is empty. The legacy one is not: manage.py restores --legacy"
    )


@pytest.mark.usefixtures("rows")
def test_more_rows_than_shown_are_not_kept_secret():
    assert "The newest 2 are shown; --limit shows more." in here.run("restores", "--limit=2").out
    assert "3 restores." in here.run("restores", "--limit=3").out


LONG = [
    Column("id", ["2000000000001", "7"]),
    Column("status", ["failed", "completed"], least=9),
    Column("type", ["database", "files"], expendable=2),
    Column("by", ["ada@example.org", "王芳"], least=6, expendable=1),
    Column("name", ["n" * 200, "e\x1b[31m"], least=12),
]


@pytest.mark.parametrize(
    ("width", "names"),
    [(None, "id status type by name"), (200, "id status type by name"),
     (60, "id status type by name"), (50, "id status by name"), (40, "id status name"),
     (10, "id status name")],
)  # fmt: skip
def test_a_table_fits_its_terminal(width: int | None, names: str):
    table = fitted_table(LONG, width).plain.splitlines()
    assert table[0].split() == names.split()
    assert max(map(cell_len, table)) <= max(width or 999, 38)
    assert ("n" * 200 in table[1]) == (width is None)
    assert "\\x1b[31m" in table[2]
    assert table[1].startswith("2000000000001  failed ")


def test_wide_characters_keep_the_columns_in_line():
    table = fitted_table([Column("by", ["王芳", "ada"]), Column("n", ["1", "2"])], None).plain
    assert table == "by    n\n王芳  1\nada   2"
