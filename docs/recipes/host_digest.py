"""host-digest/1 for SQLite, MariaDB and MySQL: the host's four tables, counted and hashed.

    python host_digest.py sqlite FILE
    python host_digest.py mysql [--client PROGRAM] -- CLIENT-OPTIONS DATABASE

Needs only Python's standard library and, for MariaDB and MySQL, their command-line client. The
options after `--` (`--host=… --user=…`) are for that client. Let it read the password from its
option file or from MYSQL_PWD, never from the command line. The script only reads. It prints the
JSON for the option --host-digests of the certificate's check, and exits with 2 if the tables cannot
be read. The README beside this file describes what it computes.
"""

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

TABLES = (
    "database_management_backuplog",
    "database_management_restorelog",
    "system_backups_backuplog",
    "system_backups_restorelog",
)
Hashes = Iterator[tuple[str, bytes]]
"""A table's name and the hash of its next row."""


def refuse(why: str) -> NoReturn:
    print(ascii(why)[1:-1], file=sys.stderr)  # no control characters
    sys.exit(2)


class Text(bytes):
    """A text of SQLite as its stored bytes, which need not be valid in any encoding."""


def cell(value: object) -> bytes:
    """A cell of a SQLite table. Its type is that of the stored value, not of the column."""
    match value:
        case None:
            return b"-"
        case int():
            letter, said = b"i", str(value).encode()
        case float():
            letter, said = b"f", repr(value).encode()
        case Text():
            letter, said = b"t", bytes(value)
        case bytes():
            letter, said = b"x", value.hex().encode()
        case _:
            raise TypeError(type(value))
    return b"%s%d:%s" % (letter, len(said), said)


def sqlite_hashes(path: Path) -> Hashes:
    """Exits with 2 if the file cannot be read as a database."""
    try:
        yield from hashes_in(path)
    except sqlite3.Error as error:
        refuse(f"{path} cannot be read: {error}")


def hashes_in(path: Path) -> Hashes:
    host = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
    host.isolation_level = None
    host.execute("BEGIN")  # one snapshot for all tables
    for table in TABLES:
        columns = host.execute(
            "SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1", (table,)
        ).fetchall()
        if not columns:
            continue
        names = ", ".join('"' + name.replace('"', '""') + '"' for (name,) in columns)
        host.text_factory = Text
        for row in host.execute(f"SELECT {names} FROM {table} ORDER BY id"):
            yield table, sha256(b"".join(map(cell, row))).digest()
        host.text_factory = str
        yield table, b""
    host.close()


# --- MariaDB and MySQL: the server hashes each row, this script hashes the hashes --------------

SESSION = """
SET NAMES utf8mb4;
SET time_zone = '+00:00';
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;
"""
COLUMNS = """
SELECT table_name, hex(column_name), data_type FROM information_schema.columns
WHERE table_schema = database() AND table_name IN ({tables})
ORDER BY table_name, ordinal_position;
"""
WHOLE = ("tinyint", "smallint", "mediumint", "int", "bigint")
BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")


def value_of(name: str, type_: str) -> tuple[str, str]:
    """The letter of a column's cells, and SQL for the bytes of its value."""
    if type_ in WHOLE:
        return "i", f"CAST({name} AS CHAR)"
    if type_ == "bit":
        # HEX() would take it for a number; the column holds whole bytes.
        return "x", f"LOWER(HEX(CAST({name} AS BINARY)))"
    if type_ in BYTES:
        return "x", f"LOWER(HEX({name}))"
    if type_ in ("datetime", "timestamp"):
        return "t", f"DATE_FORMAT({name}, '%Y-%m-%dT%H:%i:%s.%f')"
    if type_ == "float":
        # The server rounds a single-precision float when it prints one.
        return "t", f"CAST(CAST({name} AS DOUBLE) AS CHAR)"
    return "t", f"CONVERT({name} USING utf8mb4)"


def mysql_hashes(client: list[str]) -> Hashes:
    tables = ", ".join(f"'{table}'" for table in TABLES)
    columns: dict[str, list[str]] = {}
    for table, name, type_ in answers(client, COLUMNS.format(tables=tables)):
        quoted = "`" + bytes.fromhex(name).decode().replace("`", "``") + "`"
        letter, value = value_of(quoted, type_.lower())
        value = f"CAST({value} AS BINARY)"
        cell = f"CONCAT('{letter}', LENGTH({value}), ':', {value})"
        columns.setdefault(table, []).append(f"IF({quoted} IS NULL, '-', {cell})")
    hashed = "".join(
        f"SELECT '{table}', SHA2(CONCAT({', '.join(cells)}), 256) FROM {table} ORDER BY id;\n"
        for table, cells in columns.items()
    )
    for table in columns:
        yield table, b""
    for table, digest in answers(client, SESSION + hashed) if columns else ():
        if digest == "NULL":
            refuse(f"{table}: a row is longer than the server's max_allowed_packet; raise that")
        yield table, bytes.fromhex(digest)


def answers(client: list[str], sql: str) -> Iterator[list[str]]:
    """The rows that the client prints."""
    with subprocess.Popen(
        [*client, "--batch", "--skip-column-names", "--quick"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(sql)
        running.stdin.close()
        for line in running.stdout:
            yield line.rstrip("\n").split("\t")
    if running.returncode:
        refuse(f"{client[0]} ended with {running.returncode}")


# --- the command -------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description="Counts and hashes a host's tables.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    sqlite = kinds.add_parser("sqlite", help="a SQLite file")
    sqlite.add_argument("file", type=Path, metavar="FILE", help="is only read")
    mysql = kinds.add_parser("mysql", help="a database of MariaDB or MySQL, through its client")
    mysql.add_argument("--client", default="", metavar="PROGRAM", help="mariadb or mysql")
    mysql.add_argument(
        "options", nargs="+", metavar="CLIENT-OPTION", help="after --; the database comes last"
    )
    arguments = parser.parse_args()
    if arguments.kind == "sqlite":
        hashes = sqlite_hashes(arguments.file)
    else:
        program = arguments.client or shutil.which("mariadb") or shutil.which("mysql")
        if not program:
            refuse("Neither mariadb nor mysql is installed; name the client with --client.")
        if not shutil.which(program):
            refuse(f"There is no program {program}; name the client with --client.")
        # Options for option files, such as --defaults-extra-file, must come first for the client.
        hashes = mysql_hashes([program, *arguments.options])
    counts: dict[str, int] = {}
    sums = {}
    for table, digest in hashes:
        counts[table] = counts.get(table, 0) + bool(digest)
        sums.setdefault(table, sha256()).update(digest)
    tables = {
        table: {"rows": counts[table], "digest": sums[table].hexdigest()}
        for table in sorted(counts)
    }
    print(json.dumps({"recipe": "host-digest/1", "tables": tables}, indent=1))


if __name__ == "__main__":
    main()
