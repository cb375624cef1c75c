"""Every odd value of a host survives, to the last digit."""

import pytest

from domain.values import Tagged
from tests.infrastructure.hosts.tiny import LEGACY, TinyHost
from tests.support import raw

# What is tested is the host; the service need not be on every database as well.
pytestmark = pytest.mark.parametrize("vendor", ["sqlite"])


def column(events, name="odd"):
    return events()[-1].columns[name]


@pytest.mark.parametrize(
    ("declared", "sql", "expected"),
    [
        ("text", "NULL", None),
        ("text", "''", ""),
        ("text", "'line\n\ttab \"quoted\" \\ back ☃ 𝄞'", 'line\n\ttab "quoted" \\ back ☃ 𝄞'),
        ("text", "42", 42),  # text affinity would store '42'; the column below has none
        ("text", "'a' || char(0) || 'b'", "a\0b"),
        ("text", "CAST(x'ff61' AS TEXT)", Tagged("raw", "ff61")),
        ("text", "x'00ff'", Tagged("bytes", "00ff")),
        ("bool", "1", 1),
        ("bool", "'maybe'", "maybe"),
        ("datetime", "'2021-03-28 00:59:59.999999'", Tagged("time", "2021-03-28 00:59:59.999999")),
        ("datetime", "'not a time'", Tagged("time", "not a time")),
        ("datetime", "1616893199", 1616893199),
        ("datetime", "0.1", Tagged("float", "0.1")),
        ("integer", "9223372036854775807", 2**63 - 1),
        ("integer", "-9223372036854775808", -(2**63)),
        ("integer", "9223372036854775808", Tagged("float", "9.223372036854776e+18")),
        ("integer", "'twelve'", "twelve"),
        ("real", "0.1", Tagged("float", "0.1")),
        ("real", "1e300 * 1e300", Tagged("float", "Infinity")),
        ("real", "-1e300 * 1e300", Tagged("float", "-Infinity")),
        ("decimal", "'many'", "many"),
        ("date", "'2021-03-28'", Tagged("raw", "2021-03-28")),
        ("char(32)", "'0123456789abcdef0123456789abcdef'", "0123456789abcdef0123456789abcdef"),
    ],
)
def test_values_of_a_sqlite_host(declared, sql, expected, sqlite_url, import_from, events):
    declared = "" if sql == "42" else declared
    tiny = TinyHost(sqlite_url, extra={LEGACY: f"odd {declared}"})
    tiny.add(LEGACY, 1)
    tiny.execute(f"UPDATE {LEGACY} SET odd = {sql}")
    import_from(sqlite_url)
    assert column(events) == expected
    assert import_from(sqlite_url).events == 0


@pytest.mark.parametrize(
    ("declared", "sql", "expected"),
    [
        ("text", "NULL", None),
        ("text", "''", ""),
        ("text", r"E'\\N'", "\\N"),
        ("text", r"E'\b\f\n\r\t\v \\ \\n ☃ 𝄞'", "\b\f\n\r\t\v \\ \\n ☃ 𝄞"),
        ("varchar(9)", r"E'a\\'", "a\\"),
        ("char(4)", "'ab'", "ab  "),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("bigint", "-9223372036854775808", -(2**63)),
        ("numeric", "18446744073709551616.000000000000000001",
         Tagged("decimal", "18446744073709551616.000000000000000001")),
        ("numeric(5,2)", "1", Tagged("decimal", "1.00")),
        ("numeric", "'NaN'", Tagged("decimal", "NaN")),
        ("float8", "0.1::float8 + 0.2::float8", Tagged("float", "0.30000000000000004")),
        ("float4", "0.1", Tagged("float", "0.1")),
        ("float8", "'-Infinity'", Tagged("float", "-Infinity")),
        ("float8", "'NaN'", Tagged("float", "NaN")),
        ("timestamptz", "'2021-03-28 02:59:59.999999+02'",
         Tagged("time", "2021-03-28 00:59:59.999999+00")),
        ("timestamptz", "'infinity'", Tagged("time", "infinity")),
        ("timestamptz", "'0044-03-15 12:00:00+00 BC'", Tagged("time", "0044-03-15 12:00:00+00 BC")),
        ("timestamp", "'2021-03-28 02:30:00'", Tagged("time", "2021-03-28 02:30:00")),
        ("bytea", r"'\x00ff'", Tagged("bytes", "00ff")),
        ("uuid", "'0123456789abcdef0123456789abcdef'",
         Tagged("raw", "01234567-89ab-cdef-0123-456789abcdef")),
        ("jsonb", """'{"a": [1, 1.0, null]}'""", Tagged("raw", '{"a": [1, 1.0, null]}')),
        ("text[]", "ARRAY['a', NULL, 'b c']", Tagged("raw", '{a,NULL,"b c"}')),
        ("inet", "'10.0.0.1'", Tagged("raw", "10.0.0.1")),
        ("date", "'2021-03-28'", Tagged("raw", "2021-03-28")),
        ("interval", "'1 day 2 hours'", Tagged("raw", "1 day 02:00:00")),
        ("mood", "'fine'", "fine"),
        ("name_of_mood", "'fine'", "fine"),
        ("known_mood", "'fine'", "fine"),
        ("small_count", "41", 41),
        ("certain", "true", True),
        ("share", "0.250", Tagged("decimal", "0.2500")),
        ("wall_clock", "'2021-03-28 02:30:00'", Tagged("time", "2021-03-28 02:30:00")),
        ("secret", r"'\x00ff'", Tagged("bytes", "00ff")),
        ("counts", "'{1,2}'", Tagged("raw", "{1,2}")),
        ("pair", "'(1,x)'", Tagged("raw", "(1,x)")),
        ('"char"', "'c'", "c"),
    ],
)  # fmt: skip
def test_values_of_a_postgresql_host(declared, sql, expected, postgresql_url, import_from, events):
    raw.execute(postgresql_url, "CREATE TYPE mood AS ENUM ('fine')")
    for definition in (
        "CREATE DOMAIN name_of_mood AS varchar(20)",
        "CREATE DOMAIN known_mood AS mood CHECK (VALUE = 'fine')",
        "CREATE DOMAIN count AS bigint CHECK (VALUE >= 0)",
        "CREATE DOMAIN small_count AS count CHECK (VALUE < 100)",
        "CREATE DOMAIN certain AS boolean NOT NULL DEFAULT false",
        "CREATE DOMAIN share AS numeric(5,4)",
        "CREATE DOMAIN wall_clock AS timestamp",
        "CREATE DOMAIN secret AS bytea",
        "CREATE DOMAIN counts AS small_count[]",
        "CREATE TYPE two AS (a integer, b text)",
        "CREATE DOMAIN pair AS two",
    ):
        raw.execute(postgresql_url, definition)
    tiny = TinyHost(postgresql_url, extra={LEGACY: f"odd {declared}"})
    tiny.add(LEGACY, 1)
    tiny.execute(f"UPDATE {LEGACY} SET odd = {sql}")
    import_from(postgresql_url)
    assert column(events) == expected
    assert import_from(postgresql_url).events == 0


def test_text_that_is_not_utf8_in_the_middle_of_a_table(sqlite_url, import_from, events):
    tiny = TinyHost(sqlite_url)
    tiny.fill(5)
    tiny.execute(f"UPDATE {LEGACY} SET name = CAST(x'ff' AS TEXT) WHERE id = 3")
    assert import_from(sqlite_url).events == 17
    names = [event.columns["name"] for event in events()[7:12]]
    assert names == ["nightly", "nightly", Tagged("raw", "ff"), "nightly", "nightly"]


def test_a_message_of_megabytes(tiny, import_from, events):
    tiny.add(LEGACY, 1, message="ab\n" * 1_000_000)
    import_from(tiny.url)
    assert column(events, "message") == "ab\n" * 1_000_000


def test_names_that_sql_has_to_quote(tiny, import_from, events):
    tiny.execute(f'ALTER TABLE {LEGACY} ADD COLUMN "Order ""by"" %s" text')
    tiny.add(LEGACY, 1)
    tiny.execute(f"UPDATE {LEGACY} SET message = '100%'")
    import_from(tiny.url)
    assert column(events, 'Order "by" %s') is None
    assert column(events, "message") == "100%"


def test_names_looked_up_are_text_whatever_their_columns_hold(sqlite_url, import_from, events):
    tiny = TinyHost(sqlite_url)
    tiny.execute("UPDATE auth_user SET username = x'ff' WHERE id = 7")
    tiny.add(LEGACY, 1, created_by_id=7)
    import_from(sqlite_url)
    assert events()[-1].username == "ff"
