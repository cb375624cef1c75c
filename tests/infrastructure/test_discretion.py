"""What an error may say: no password, nothing of a row."""

import json
import sqlite3

import psycopg
import pymysql
import pytest
from django.db import connection

from infrastructure.databases.redaction import driver_says, one_line
from infrastructure.printable import json_text
from tests.support import postgres

SECRET = "nobody's business"


@pytest.fixture(scope="module")
def server():
    url = postgres.fresh_database()
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("CREATE TABLE t (id integer PRIMARY KEY, told text CHECK (told <> 'no'))")
        yield session
    postgres.drop_database(url)


@pytest.mark.parametrize(
    "row",
    [f"1\t{SECRET}\t3\n", f"{SECRET}\tx\n", f"2\t{SECRET}\n2\t{SECRET}\n", "3\tno\n"],
)
def test_a_row_that_was_copied_is_not_repeated(server, row):
    with pytest.raises(psycopg.Error) as refused, server.cursor().copy("COPY t FROM STDIN") as copy:
        copy.write(row)
    said = one_line(refused.value)
    assert SECRET not in said
    assert "CONTEXT" not in said
    assert "DETAIL" not in said
    assert said


def test_text_that_is_not_utf8_is_not_repeated():
    file = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError) as refused:
        file.execute("SELECT cast(x'73656372657420ff' AS text) AS told").fetchall()
    assert "secret" in str(refused.value)
    assert one_line(refused.value) == "Could not decode to UTF-8 column 'told'"
    file.close()


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"invalid literal for int() with base 10: '{SECRET}'"),
        UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
        KeyError(SECRET),
    ],
)
def test_of_a_decoders_error_only_the_class_is_told(error):
    assert SECRET not in driver_says(error)
    assert type(error).__name__ in driver_says(error)


def test_a_drivers_number_and_words_are_kept():
    lost = pymysql.err.OperationalError(2013, "Lost connection to server during query")
    assert driver_says(lost) == "Lost connection to server during query (error 2013)"


def test_json_of_bytes_that_are_not_utf8_is_json():
    odd = {"name": b"\xffA\x80".decode("utf-8", "surrogateescape"), "rows": [["\ud800", 1, None]]}
    said = json.loads(json_text(odd))
    assert said == {"name": "\\xffA\\x80", "rows": [["\\ud800", 1, None]]}


def test_djangos_wrapping_of_an_error_repeats_no_row(database):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE told (id integer PRIMARY KEY, said varchar(20) UNIQUE)")
        cursor.execute("INSERT INTO told VALUES (1, %s)", [SECRET])
        with pytest.raises(Exception, match=r"(?i)unique") as refused:
            cursor.execute("INSERT INTO told VALUES (2, %s)", [SECRET])
    assert SECRET not in one_line(refused.value)
