"""Checks a certificate without the service: this one file, Python ≥ 3.11, and `cryptography`.

    python check_certificate.py CERTIFICATE --public-key KEY.pem [--rows ROWS.ndjson]
        [--host-digests FILE] [--events EVENTS.ndjson] [--anchor FILE] [--against FILE] [--json]

Exit 0: everything that was checked is right. 1: refused, with the reason. 2: it could not be
checked, because a file or the key cannot be read, or because the log has an event that is newer
than this check. The output also lists what was not checked.

The public key must come from a person you trust, never with the certificate; the checks below do
not trust its owner either. `--rows` is the export that the certificate names. Every row in it is
hashed again, and the expected rows of each table are computed from the host's rows.
`--host-digests` is the output of the recipe for the host's kind of database (docs/recipes); it
proves that the host's rows are genuine. `--events` is the log; its chain is computed again, and
values that the host does not have are checked with it. `--anchor` shows that the log was not made
up: it was signed earlier and kept elsewhere. `--against` is another certificate, which must not
contradict this one.
"""

import argparse
import json
import re
import sys
from array import array
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

FORMAT = "restore-log-certificate/2"
FORMER = "restore-log-certificate/1"
CONSOLIDATED = ("system_backups.BackupLog", "system_backups.RestoreLog")
LABELS = ("database_management.BackupLog", "database_management.RestoreLog", *CONSOLIDATED)
RESTORES = ("database_management.RestoreLog", "system_backups.RestoreLog")
HOST_TABLES = tuple(label.replace(".", "_").lower() for label in LABELS)
COUNTS = ("missing", "unexpected", "differing")
LETTERS = "bdfitux"


class Refused(Exception):
    """The certificate, or a file that belongs to it, is not genuine."""


class Unusable(Exception):
    """A file or other data that the check needs cannot be read."""


def canonical(value: Any) -> bytes:
    """JSON in its canonical form: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def written(value: Any) -> bytes:
    """JSON as the service writes it: no spaces, UTF-8, keys in their original order."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


# --- the certificate itself ------------------------------------------------------------------


def signed_content(data: bytes, key: Ed25519PublicKey, name: str) -> Any:
    """The content, after checking that the key's owner signed exactly these bytes."""
    try:
        document = json.loads(data)
        whole = canonical(document) + b"\n" == data
    except (ValueError, RecursionError) as error:
        raise Refused(f"the {name} is not JSON in UTF-8") from error
    if not whole:
        raise Refused(f"the {name} is not in its canonical form")
    if not isinstance(document, dict) or set(document) != {name, "signature"}:
        raise Refused(f"the file is no {name}")
    content, signature = document[name], document["signature"]
    if not isinstance(signature, dict) or set(signature) != {"algorithm", "key", "value"}:
        raise Refused(f"the {name} has no signature")
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    if signature["algorithm"] != "Ed25519" or signature["key"] != sha256(raw).hexdigest():
        raise Refused(f"the {name} says that it was signed by another key")
    try:
        value = b64decode(signature["value"])
        if b64encode(value).decode() != signature["value"]:
            raise ValueError
        key.verify(value, canonical(content))
    except (TypeError, ValueError, InvalidSignature) as error:
        raise Refused("the signature is not that of the given key over this content") from error
    return content


def opened(data: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """The content of a certificate, after checking that its format is known."""
    content = signed_content(data, key, "certificate")
    if not isinstance(content, dict) or not fits(content.get("format"), tuple(FORMS)):
        raise Refused(f"this check knows certificates of the formats {' and '.join(FORMS)}")
    return content


def is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_digest(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def are_columns(value: Any) -> bool:
    return fits(value, [str]) and "id" in value


def are_heads(value: Any) -> bool:
    """Whether this maps positions of the log, in digits, to the chain's hash at each."""
    return isinstance(value, dict) and all(
        isinstance(position, str) and re.fullmatch("[1-9][0-9]*", position) and is_digest(head)
        for position, head in value.items()
    )


def is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def counts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, is_count)


HOST_TABLE = {"columns": are_columns, "digest": is_digest, "log_digest": is_digest} | counts("rows")
PROJECTION = {"columns": are_columns, "digest": is_digest, "expected_digest": is_digest} | counts(
    "rows", "expected_rows", "position", *COUNTS, "recorded_here", "quarantined", "host_changed"
)
QUARANTINED = {"table": LABELS, "pk": int, "column": str, "reason": str}
CONTENT: dict[str, Any] = {
    "format": FORMER,
    "recipe": "host-digest/1",
    "purpose": ("verify", "cut_over", "retire"),
    "issued_at": str,
    "issued_by": str,
    "code_version": str,
    "host": {"id": str, "fingerprint": str, "id_offset": int, "vendor": str},
    "log": {"position": is_count, "chain_head": is_digest},
    "mappings": counts(*LABELS),
    "scopes": dict.fromkeys(LABELS, ("native", "all")),
    "equal": bool,
    # After the retirement the host's legacy tables are no longer read.
    "host_tables": (
        dict.fromkeys(HOST_TABLES, HOST_TABLE),
        dict.fromkeys(HOST_TABLES[2:], HOST_TABLE),
    ),
    "projections": dict.fromkeys(LABELS, PROJECTION),
    "differences": counts("projection_wrong", "host_changed", "quarantined"),
    "problems": [str],
    "quarantined": counts("count", "accepted") | {"reason": (str, None), "rows": [QUARANTINED]},
    "touched": (counts("rows", "position"), None),
    "export": ({"lines": is_count, "sha256": is_digest}, None),
}
"""The members that a certificate must have, and their forms: see `fits`."""

SOURCE = {"vendor": str} | dict.fromkeys(
    ("server", "database", "schema", "path", "role"), (str, None)
)
PARTS = {
    "sqlite": ("path",),
    "postgresql": ("server", "database", "schema", "role"),
    "mysql": ("server", "database", "role"),
}
"""The possible details of the place where a host of each kind was read."""
HOST_TABLE_2 = HOST_TABLE | {"types": [str]}
CONTENT_2: dict[str, Any] = CONTENT | {
    "format": FORMAT,
    "host": CONTENT["host"] | {"id": is_id, "id_offset": is_count, "source": SOURCE},
    "log": CONTENT["log"] | {"heads": are_heads},
    "host_tables": (
        dict.fromkeys(HOST_TABLES, HOST_TABLE_2),
        dict.fromkeys(HOST_TABLES[2:], HOST_TABLE_2),
    ),
    "quarantined": CONTENT["quarantined"]
    | {"rows": [QUARANTINED | {"by": ("host", "here", "retired")}]},
    "zone": (str, None),
    "columns": [
        {
            "table": LABELS,
            "target": str,
            "columns": [str],
            "how": ("proposed", "decided"),
            "reason": (str, None),
        }
    ],
    "assumptions": [{"table": LABELS, "column": str, "value": (str, bool), "rows": is_count}],
    "empty_targets": counts(*RESTORES),
}
"""Members that are new, or have another form, since format 2."""


def is_run(value: Any) -> bool:
    """Whether this is the first and the last of a run of ids."""
    return fits(value, [int]) and len(value) == 2 and 0 <= value[0] <= value[1]


MOVED = counts("restores", "backups") | {
    "complete": bool,
    "copies": {name: [is_run] for name in HOST_TABLES[2:]},
    "by_copy": {name: [is_count] for name in HOST_TABLES[:2]},
}
OPTIONAL = {FORMER: {}, FORMAT: {"moved": MOVED}}
"""Members that only some certificates of a format have: of a host whose migration has copied legacy
rows into its consolidated tables, and of a retirement. `by_copy` has the legacy rows that are as
their copies say."""
FORMS = {FORMER: CONTENT, FORMAT: CONTENT_2}
NOT_COVERED = {
    FORMER: f"what {FORMER} did not cover: what was assumed where the host is silent, which of its "
    "columns fills which and in what zone, from where it was read, and the columns that the "
    "service adds to its tables",
}
"""By format, what its certificates do not cover."""


def fits(value: Any, form: Any) -> bool:
    """Whether a value has this form.

    A dict requires exactly its members, a list any number of its item, a tuple one of its forms, a
    type a value of that type, a function a value that it accepts, and anything else that value.
    """
    if isinstance(form, dict):
        same = isinstance(value, dict) and value.keys() == form.keys()
        return same and all(fits(value[name], form[name]) for name in form)
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(item, form[0]) for item in value)
    if isinstance(form, tuple):
        return any(fits(value, one) for one in form)
    if isinstance(form, type):
        return type(value) is form
    return bool(form(value) if callable(form) else value == form)


def formed(content: dict[str, Any]) -> None:
    """Check that the certificate has exactly the members of its format, for all tables."""
    optional = OPTIONAL[content["format"]]
    forms = FORMS[content["format"]] | {name: optional[name] for name in optional.keys() & content}
    if others := sorted(content.keys() ^ forms.keys()):
        raise Refused(f"the certificate lacks, or has beyond its format: {', '.join(others)}")
    for name, form in forms.items():
        if not fits(content[name], form):
            raise Refused(f"the certificate's {name} is not what its format asks for")
    if content["purpose"] != "verify":
        if len(content["host_tables"]) < len(LABELS):
            raise Refused(
                "it leaves out the legacy tables, which only a verification after the retirement "
                "may"
            )
        if any(content["scopes"][label] != "all" for label in CONSOLIDATED):
            raise Refused(
                f"it is of a {content['purpose']}, and the legacy rows do not stand in the "
                "consolidated tables"
            )


def consistent(content: dict[str, Any]) -> None:
    """Check that the verdict follows from the counts."""
    differences, quarantined = content["differences"], content["quarantined"]
    clean = not content["problems"]
    for label, table in content["projections"].items():
        same = (table["rows"], table["digest"]) == (
            table["expected_rows"],
            table["expected_digest"],
        )
        if not same and not any(table[count] for count in COUNTS):
            raise Refused(f"{label}: its digest is not the expected one, and yet no row differs")
        if table["rows"] - table["unexpected"] + table["missing"] != table["expected_rows"]:
            raise Refused(f"{label}: its counts do not add up")
        clean = clean and same and not any(table[count] for count in COUNTS)
    if content["format"] != FORMER:
        placed(content)
    if len(quarantined["rows"]) != differences["quarantined"]:
        raise Refused("not every quarantined row is listed")
    if sum(t["quarantined"] for t in content["projections"].values()) != len(quarantined["rows"]):
        raise Refused("the tables count other quarantined rows than those that are listed")
    # One row may be withheld from two tables; within one table, each entry is another row.
    keys = {(row["table"], row["pk"]) for row in quarantined["rows"]}
    most = max(Counter(table for table, _ in keys).values(), default=0)
    if not most <= quarantined["count"] <= len(quarantined["rows"]):
        raise Refused("it counts other quarantined rows than it lists")
    if differences["projection_wrong"] or differences["host_changed"]:
        clean = False
    if quarantined["rows"] and quarantined["count"] != quarantined["accepted"]:
        clean = False
    if content["equal"] is not clean:
        says = "equal" if content["equal"] else "not equal"
        raise Refused(f"the certificate says {says}, and its counts say otherwise")


def placed(content: dict[str, Any]) -> None:
    """Check that its statements about the log are consistent."""
    position, heads = content["log"]["position"], content["log"]["heads"]
    vendor, source = content["host"]["vendor"], content["host"]["source"]
    named = {name for name, value in source.items() if value is not None} - {"vendor"}
    if source["vendor"] != vendor or not fits(sorted(named), [PARTS.get(vendor, ())]):
        raise Refused(f"it says that a {vendor} host was read from a place of another kind")
    if heads.keys() != {str(at) for at in positions(position)}:
        raise Refused("it does not name the chain's hashes at the positions that it has to")
    if position and heads[str(position)] != content["log"]["chain_head"]:
        raise Refused("it names two hashes of the chain at its position")
    for label, table in content["projections"].items():
        if table["position"] > position:
            raise Refused(f"{label}: it has taken in more events than the log has")
    rows = sum(table["rows"] for table in content["host_tables"].values())
    rows -= sum(last - first + 1 for table in HOST_TABLES for first, last in runs(content, table))
    if content["equal"] and rows >= position:
        raise Refused(f"the log has {position:,} events, too few for the host's {rows:,} rows")
    for name, table in content["host_tables"].items():
        if len(table["types"]) != len(table["columns"]):
            raise Refused(f"{name}: it does not name the type of each column")


# --- its rows --------------------------------------------------------------------------------


class TableRules:
    """Counts and hashes the rows of one table as they are read."""

    def __init__(self, columns: list[str]) -> None:
        self.width = len(columns)
        self.key = columns.index("id")
        self.rows = 0
        self.last: int | None = None
        self.sum = sha256()

    def add(self, pk: Any, cells: Any) -> None:
        if type(pk) is not int or not isinstance(cells, list) or len(cells) != self.width:
            raise Refused("it has not the key and the cells of its table's columns")
        row = b"".join(map(encoded, cells))
        text = str(pk)
        counted = cells[self.key] == f"i{len(text)}:{text}"
        if self.last is not None and (pk < self.last or (pk == self.last and counted)):
            raise Refused("its key does not come after the one before it")
        if not counted and cells[self.key][:1] == "i":
            raise Refused("its key is not the one in its cells")
        self.last = pk
        self.rows += 1
        self.sum.update(sha256(row).digest())


def encoded(cell: Any) -> bytes:
    """A cell's bytes: `-` for NULL, else a letter, the value's length in bytes, `:`, the value."""
    if not isinstance(cell, str):
        raise Refused("a cell of it is no text")
    data = cell.encode("utf-8", "surrogateescape")
    if data == b"-":
        return data
    length, colon, value = data[1:].partition(b":")
    if cell[:1] not in LETTERS or not colon or length != str(len(value)).encode():
        raise Refused("a cell of it is not well-formed")
    return data


Places = dict[tuple[str, str], "array[int]"]
"""The offsets in the export of the rows of each table, of the host or of the service."""


def count_rows(path: Path, content: dict[str, Any], places: Places | None = None) -> int:
    """Hash every row of the export again, and compare the result with the certificate."""
    named = content["export"]
    if named is None:
        raise Refused("the certificate names no export, so these rows are not its rows")
    tables = {
        ("host", name): TableRules(table["columns"])
        for name, table in content["host_tables"].items()
    } | {
        ("projection", name): TableRules(table["columns"])
        for name, table in content["projections"].items()
    }
    whole, number, place = sha256(), 0, 0
    for number, line in enumerate(lines_of(path), start=1):
        whole.update(line)
        try:
            of = add_comparison(line, tables)
        except Refused as refused:
            raise Refused(f"line {number} of the export: {refused}") from None
        if places is not None:
            places.setdefault(of, array("q")).append(place)
        place += len(line)
    if (number, whole.hexdigest()) != (named["lines"], named["sha256"]):
        raise Refused("the export is not the one that the certificate names")
    for (side, name), table in tables.items():
        said = content["host_tables" if side == "host" else "projections"][name]
        if (table.rows, table.sum.hexdigest()) != (said["rows"], said["digest"]):
            raise Refused(f"{name} ({side}): the rows are not those that the certificate counts")
    return number


def add_comparison(line: bytes, tables: dict[tuple[str, str], TableRules]) -> tuple[str, str]:
    """Add a line to its table; returns that table."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Refused("it is not JSON") from error
    if not isinstance(row, dict) or set(row) != {"side", "table", "pk", "cells"}:
        raise Refused("it is no row")
    side, name = row["side"], row["table"]
    table = tables.get((side, name)) if isinstance(side, str) and isinstance(name, str) else None
    if table is None:
        raise Refused("the certificate knows no such table")
    table.add(row["pk"], row["cells"])
    return side, name


def lines_of(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error


def lines_at(path: Path, places: Iterable[int]) -> Iterator[Any]:
    """The JSON of the lines that begin at these offsets."""
    try:
        with path.open("rb") as file:
            for place in places:
                file.seek(place)
                yield json.loads(file.readline())
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error


# --- the tables' expected rows, from the host's rows -----------------------------------------

BIG, INT = 2**63 - 1, 2**31 - 1
TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|([+-]\d\d)(?::([0-5]\d))?)?",
    re.ASCII,
)
AS_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?", re.ASCII)


class Kind(NamedTuple):
    """The values that a column can hold. `limit` is characters of text, or the largest number."""

    kind: str
    limit: int = 0
    null: bool = False
    least: int = -BIG - 1


WORD, MOMENT, PERHAPS = Kind("text", 20), Kind("time"), Kind("time", null=True)
RESTORE = {
    "id": Kind("number", BIG),
    "name": Kind("text", 255),
    "source_backup_id": Kind("number", BIG, null=True),
    "status": WORD,
    "target_database": Kind("text", 100),
    "started_at": PERHAPS,
    "completed_at": PERHAPS,
    "duration_seconds": Kind("number", INT, null=True, least=0),
    "message": Kind("text", 2**31),
    "created_by_id": Kind("person", 255, null=True),
    "created_at": MOMENT,
    "updated_at": MOMENT,
}
BACKUP = {
    "id": Kind("number", BIG),
    "name": Kind("text", 255, null=True),
    "backup_type": Kind("text", 20, null=True),
    "status": Kind("text", 20, null=True),
    "database_name": Kind("text", 100, null=True),
    "file_path": Kind("text", 500, null=True),
    "size_bytes": Kind("number", BIG, null=True),
    "created_at": PERHAPS,
    "updated_at": PERHAPS,
}
BOTH = {"restore_type": WORD, "trigger_type": WORD, "is_overwrite": Kind("truth")}
HOLDS = {
    LABELS[0]: BACKUP,
    LABELS[1]: RESTORE | {"restore_method": WORD},
    LABELS[2]: BACKUP,
    LABELS[3]: RESTORE | BOTH,
}
"""The columns that host columns can fill, by table. Both consolidated ones may have legacy rows."""

USUALLY = {"restore_type": "t8:database", "is_overwrite": "b1:0"}
"""A restore's values if the host has no column for them."""
ASSUMED = {"restore_type": "database", "is_overwrite": False}
"""The same values in the form of a certificate."""
FIRST_OF_TWO = "the earlier instant"
"""The assumption about a local time that occurred twice or never."""
AMENDABLE = ("name", "source_backup_id", "status", "trigger_type", "restore_method",
             "target_database", "is_overwrite", "started_at", "completed_at", "duration_seconds",
             "message")  # fmt: skip
RECORDED_ONLY = {
    "validation": Kind("text", 20, null=True),
    "warnings_count": Kind("number", INT, null=True, least=0),
}
"""Columns of the consolidated restores that say something only of those recorded here."""
LOGGED = {
    "created_by_username": Kind("text", 255, null=True),
    "version": Kind("number", INT),
    "amended": Kind("text", BIG),
} | RECORDED_ONLY
"""Columns that only the log knows."""
OF_BACKUPS = ("backup_id", "origin", "version", "extra")
OF_RESTORES = ("restore_id", "created_by_username", "amended", *OF_BACKUPS)
COLUMNS = {
    label: {*holds, *(OF_BACKUPS if holds is BACKUP else OF_RESTORES)}
    for label, holds in HOLDS.items()
}
COLUMNS[LABELS[3]] |= RECORDED_ONLY.keys()
"""The columns that a certificate must have."""
INEXACT = {*AMENDABLE, "restore_type", "created_at", "updated_at", "extra"}
"""Columns that cannot be computed from a certificate of format 1."""

TARGET = "target_database"
Want = str | Callable[[str], bool] | None
"""An expected cell, a test for it, or None if this check cannot know it."""


A_NUL = "a NUL character"


class DoesNotFit(str):
    """The reason why a column cannot hold its value, in place of the cell."""


def cell(letter: str, text: str) -> str:
    return f"{letter}{len(text.encode('utf-8', 'surrogateescape'))}:{text}"


def fitted(holds: Kind, said: str, zone: tzinfo | None) -> str:
    """The cell that a column of this kind must hold, or `DoesNotFit`.

    `said` is a cell whose letter tells the type of the value in the host as well: besides those of
    a cell, `m` is a time, `n` a decimal, and `r` a value of another type, or bytes that are not
    text. No value is converted from one type to another.
    """
    letter, text = said[0], said.partition(":")[2]
    if letter == "-":
        return said if holds.null else DoesNotFit("NULL, and the column is NOT NULL")
    if holds.kind == "number":
        return whole_number(holds, letter, text)
    if holds.kind == "truth":
        fits = letter == "b" or (letter == "i" and text in ("0", "1"))
        return cell("b", text) if fits else DoesNotFit("neither true nor false")
    if holds.kind == "time":
        return moment(text, zone) if letter == "m" else DoesNotFit("not of a type of times")
    if holds.kind == "person":  # a key of any type, as text
        text = AS_KEYS.get((letter, text), text)
    elif letter == "r" or (letter == "t" and not is_unicode(text)):
        return DoesNotFit("not text, or not Unicode")
    elif letter != "t":
        return DoesNotFit("not text")
    if len(text) > holds.limit:
        return DoesNotFit(f"{len(text)} characters, and the column holds {holds.limit}")
    return DoesNotFit(A_NUL) if "\0" in text else cell("t", text)


AS_KEYS = {
    ("b", "0"): "false",
    ("b", "1"): "true",
    ("f", "inf"): "Infinity",
    ("f", "-inf"): "-Infinity",
}
"""What of a user's key is not shown as its cell says it."""


def whole_number(holds: Kind, letter: str, text: str) -> str:
    """The cell of a column of whole numbers, or `DoesNotFit`."""
    if letter == "i" and holds.least <= int(text) <= holds.limit:
        return cell("i", text)
    # A whole decimal beyond 64 bits is a number out of range like any other.
    whole = letter == "n" and re.fullmatch("[+-]?[0-9]+", text)
    if letter == "i" or (whole and not -BIG - 1 <= int(text) <= BIG):
        return DoesNotFit(f"a number that is not between {holds.least} and {holds.limit}")
    if letter != "b" and re.fullmatch("[+-]?[0-9]+([.]0*)?", text):
        return DoesNotFit("a whole number, but not as an integer of 64 bits")
    return DoesNotFit("not a whole number")


def is_unicode(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


def letter_on_sqlite(type_: str, text: str) -> str:
    """The letter of a text in a column that is declared with this type, in lower case."""
    if "bool" in type_:
        return "t"
    if "datetime" in type_ or "timestamp" in type_:
        return "m"
    if "decimal" in type_ or "numeric" in type_:
        number = r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?"
        return "n" if re.fullmatch(number, text, re.IGNORECASE | re.ASCII) else "t"
    others = ("int", "char", "clob", "text", "blob", "real", "floa", "doub")
    if not any(word in type_ for word in others) and ("date" in type_ or "time" in type_):
        return "r"
    return "t"


def letter_on_postgresql(type_: str, text: str) -> str:
    """The same on PostgreSQL, where a value of most types comes as text."""
    letters = {"text": "t", "numeric": "n", "float4": "f", "float8": "f"}
    return letters.get(type_, "m" if type_ in ("timestamp", "timestamptz") else "r")


def letter_on_mysql(type_: str, text: str) -> str:
    """The same on MySQL and MariaDB."""
    if re.search(r"^(enum|set)\b|char\b|text\b|^json\b", type_):
        return "t"
    starts = {"decimal": "n", "double": "f", "float": "f", "datetime": "m", "timestamp": "m"}
    return next((letter for start, letter in starts.items() if type_.startswith(start)), "r")


LETTER_ON = {
    "sqlite": letter_on_sqlite,
    "postgresql": letter_on_postgresql,
    "mysql": letter_on_mysql,
}


def as_written(vendor: str, type_: str, text: str) -> str:
    """A time as the host's database writes it; a cell says it in one form for all databases."""
    if vendor == "sqlite" or not re.fullmatch(r"[-0-9]{10}T[:0-9]{8}\.[0-9]{6}", text):
        return text
    day, clock, fraction = text[:10], text[11:19], text[20:]
    if vendor == "postgresql":
        fraction = fraction.rstrip("0")
    else:
        digits = re.search(r"\(([0-9])\)", type_)
        fraction = fraction[: int(digits[1])] if digits else ""
    offset = "+00" if type_ == "timestamptz" else ""
    return f"{day} {clock}{fraction and '.'}{fraction}{offset}"


NO_TIME = (
    "not a time like YYYY-MM-DD HH:MM:SS, with at most six digits of a second, in the years 1 to "
    "9999"
)


def moment(text: str, zone: tzinfo | None) -> str:
    """The cell of an instant, in UTC; a time without an offset is of this zone.

    A local time that occurred twice is the first of the two, and one that was skipped has the
    offset from before the gap: `fold=0` in PEP 495.
    """
    found = TIME.fullmatch(text)
    if found is None or found[2] >= "24":
        return DoesNotFit(NO_TIME)
    day, clock, fraction, hours, minutes = found.groups()
    if hours or text.endswith("Z"):
        offset = timedelta(hours=int((hours or "0").lstrip("+-")), minutes=int(minutes or 0))
        if offset > timedelta(hours=14) or (hours == "-00" and not offset):
            return DoesNotFit(NO_TIME)
        zone = timezone(-offset if (hours or "+")[0] == "-" else offset)
    try:
        at = datetime.fromisoformat(f"{day}T{clock}.{fraction or '':0<6}")
        at = at.replace(tzinfo=zone or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return DoesNotFit(NO_TIME)
    return cell("d", at.isoformat(timespec="microseconds")[:26])


def says(value: Any, said: str) -> bool:
    """Whether a value in `extra` equals that of the host's cell."""
    letter, text = said[0], said.partition(":")[2]
    if letter in "-b":
        return value is {"-": None, "b": text == "1"}[letter]
    if letter == "i" and type(value) is int:
        return str(value) == text
    if letter == "t" and isinstance(value, str):
        return value == text
    if not isinstance(value, dict) or value.keys() != {"$", "v"} or type(value["v"]) is not str:
        return False
    kind, shown = value["$"], value["v"]
    if letter == "x":
        return (kind, shown) == ("bytes", text)
    if letter == "i":
        return (kind, shown) == ("decimal", text)
    if letter == "f":
        return kind == "float" and repr(float(shown.replace("Infinity", "inf"))) == text
    if kind == "raw" and shown == text.encode("utf-8", "surrogateescape").hex():
        return "\udc80" <= max(text) <= "\udcff"  # it could not be kept as text
    if found := AS_WRITTEN.fullmatch(shown):
        shown = f"{found[1]}T{found[2]}.{found[3] or '':0<6}" if kind == "time" else shown
    return kind in ("time", "decimal", "float", "raw") and text in (value["v"], shown)


def holds_the_rest(names: list[str], told: dict[str, str], found: str) -> bool:
    """Whether a cell of `extra` holds these columns of the host's row, in this order."""
    try:
        pairs = json.loads(found.partition(":")[2], object_pairs_hook=list)
        rest = {name: dict(v) if isinstance(v, list) else v for name, v in pairs}
    except (ValueError, TypeError, RecursionError):
        return False
    return (
        found[0] == "t"
        and [name for name, _ in pairs] == names
        and all(says(rest[name], told[name]) for name in names)
    )


class Mapping:
    """The mapping of the rows of one host table to one of the service's tables."""

    def __init__(
        self, content: dict[str, Any], label: str, of: str, names: list[str] | None = None
    ) -> None:
        """`of` is the label of the table that is named as the host's.

        `names` are its columns, if it is not the host's but an event that tells its rows. An event
        keeps each value with its type.
        """
        self.content, self.label, self.of = content, label, of
        self.columns = content["projections"][label]["columns"]
        self.holds, self.legacy = HOLDS[label], of not in CONSOLIDATED
        self.table = of.replace(".", "_").lower()
        self.backups = self.table.replace("restorelog", "backuplog")
        self.own = "backup_id" if of.endswith("BackupLog") else "restore_id"
        self.host = UUID(content["host"]["id"])
        self.shift = 0 if of == label else content["host"]["id_offset"]
        known = content["host_tables"].get(self.table, {"columns": []})
        self.names = known["columns"] if names is None else names
        self.types = dict(zip(self.names, known.get("types", ()), strict=False))
        rows = [row for row in content.get("columns", ()) if row["table"] == of]
        chosen = {row["target"]: row for row in rows}
        self.sources = {target: self.source(target, chosen) for target in self.holds}
        self.zone = zone_of(content)

    def source(self, target: str, chosen: dict[str, Any]) -> list[str]:
        """The host columns that fill a column: the first that is not null.

        They are the ones that a person chose, else the column of that name, else the proposed ones,
        else the plan's.
        """
        choice = chosen.get(target, {"how": "none"})
        if choice["how"] != "decided" and target in self.names:
            return [target]
        usual = [target]
        if target == "trigger_type" and self.legacy:
            usual = self.source("restore_method", chosen)
        return [name for name in choice.get("columns", usual) if name in self.names]

    def rest(self, told: dict[str, str]) -> list[str]:
        """The host columns that are in `extra`: those that fill no other column of this row."""
        filling = set()
        for names in self.sources.values():
            saying = [name for name in names if told[name] != "-"]
            filling |= {*names} - {*saying[1:]}
        return [name for name in self.names if name not in filling]

    def cells(self, told: dict[str, str], names: dict[str, str]) -> list[Want]:
        """The expected cells of a row; `told` has the host's cells by the host's column names.

        `names` are the databases' names, by the cells of their backups' keys.
        """
        return [self.want(column, told, names) for column in self.columns]

    def want(self, column: str, told: dict[str, str], names: dict[str, str]) -> Want:
        if column in self.holds:
            return self.held(column, told, names)
        if column == self.own:
            return self.uuid(self.table, told["id"])
        if column == "backup_id":
            _, said = self.said("source_backup_id", told)
            return self.uuid(self.backups, said) if said[0] == "i" else "-"
        if column == "origin":
            return cell("t", "legacy" if self.legacy else "consolidated")
        if column == "extra":
            return partial(holds_the_rest, self.rest(told), told)
        return "-" if column in RECORDED_ONLY else None

    def held(self, column: str, told: dict[str, str], names: dict[str, str]) -> str:
        source, said = self.said(column, told)
        if column in USUALLY and not source:
            said = USUALLY[column]
        if column == TARGET and self.derives(told):
            _, backup = self.said("source_backup_id", told)
            said = names.get(backup, "t0:")
        if column in ("id", "source_backup_id") and said[0] == "i":
            said = cell("i", str(int(said.partition(":")[2]) + self.shift))
        return fitted(self.holds[column], said, self.local_zone(source))

    def said(self, column: str, told: dict[str, str]) -> tuple[str, str]:
        """The host column that fills this one, '' if none does, and its cell, as `fitted` asks."""
        name = ""
        for name in self.sources[column]:
            if told[name] != "-":
                return name, self.typed(name, told[name], self.holds[column].kind == "time")
        return name, "-"

    def typed(self, name: str, said: str, for_time: bool) -> str:
        """The cell of a host's column, with the letter of the type that it is declared with."""
        if said[0] != "t":
            return said
        text = said.partition(":")[2]
        if self.content["format"] == FORMER:  # which does not name the types
            return cell("m" if for_time else "t", text)
        if name not in self.types:
            return said
        vendor, type_ = self.content["host"]["vendor"], self.types[name]
        letter = LETTER_ON.get(vendor, letter_on_mysql)(type_, text)
        if for_time and letter == "m":
            return cell("m", text)
        if not is_unicode(text):
            return cell("r", text.encode("utf-8", "surrogateescape").hex())
        return cell(letter, as_written(vendor, type_, text) if letter == "m" else text)

    def derives(self, told: dict[str, str]) -> bool:
        """Whether the host has no `target_database`, so that the backup's is used.

        In the consolidated table an empty one counts as missing.
        """
        if TARGET not in self.holds:
            return False
        absent = (
            ("-", "t0:") if self.label in CONSOLIDATED and "columns" in self.content else ("-",)
        )
        return self.said(TARGET, told)[1] in absent

    def uuid(self, table: str, key: str) -> str:
        return cell("u", str(uuid5(self.host, f"{table}:{key.partition(':')[2]}")))

    def local_zone(self, name: str) -> tzinfo | None:
        """The zone of the times of this host column that have no offset; None is UTC."""
        type_, vendor = self.types.get(name, ""), self.content["host"]["vendor"]
        if vendor == "sqlite":
            return self.zone
        local = type_ == "timestamp" if vendor == "postgresql" else type_.startswith("datetime")
        return self.zone if local else None


def zone_of(content: dict[str, Any]) -> tzinfo | None:
    if content.get("zone") in (None, "UTC"):
        return None
    try:
        return ZoneInfo(content["zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unusable(f"this computer has no data of the time zone {content['zone']}") from error


class Rows:
    """The export, with the offset of each row."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[tuple[str, str], array[int]] = {}

    def of(self, side: str, name: str) -> Iterator[tuple[int, list[str]]]:
        """The rows of one table, in order of their keys."""
        for row in lines_at(self.path, self.places.get((side, name), ())):
            yield row["pk"], row["cells"]


class Expected(NamedTuple):
    """A row that must be in a table, or that does not fit one of its columns.

    `derived` tells that its target database is derived from its backup. The log keeps the name
    that the backup had when the row was read, which may be another than it has now.
    """

    pk: int
    cells: list[Want]
    derived: bool = False


def runs(content: dict[str, Any], table: str) -> list[list[int]]:
    """The ids of the copies in a host's table, as runs."""
    found: list[list[int]] = content.get("moved", {}).get("copies", {}).get(table, [])
    return found


def own_rows(content: dict[str, Any], rows: Rows, table: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a host's table that are not copies, in order of key."""
    ordered = sorted(runs(content, table))
    for pk, cells in rows.of("host", table):
        while ordered and ordered[0][1] < pk:
            ordered.pop(0)
        if not ordered or pk < ordered[0][0]:
            yield pk, cells


def from_host(mapping: Mapping, rows: Rows, log: "ExportedLog | None") -> Iterator[Expected]:
    """The expected rows from a host's table, in order of key; with the log, also as amended."""
    names = database_names(mapping, rows)
    copied = mapping.content.get("moved", {}).get("by_copy", {}).get(mapping.table, [])
    ordered = sorted(copied)
    for pk, cells in own_rows(mapping.content, rows, mapping.table):
        while ordered and ordered[0] < pk:
            yield by_copy(mapping, ordered.pop(0), log)
        if ordered and ordered[0] == pk:
            yield by_copy(mapping, ordered.pop(0), log)
            continue
        told = dict(zip(mapping.names, cells, strict=True))
        wants, derived = mapping.cells(told, names), mapping.derives(told)
        if log is not None:
            derived = log.overlay(mapping, wants, derived=derived)
        elif derived and names_a_copy(mapping, told):
            wants[mapping.columns.index(TARGET)] = None  # Only the log says what was derived.
        yield Expected(pk + mapping.shift, wants, derived)
    for pk in ordered:
        yield by_copy(mapping, pk, log)


def names_a_copy(mapping: Mapping, told: dict[str, str]) -> bool:
    """Whether a restore's backup is the copy of a legacy backup."""
    _, key = mapping.said("source_backup_id", told)
    found = runs(mapping.content, mapping.backups)
    return key[:1] == "i" and any(a <= int(key.partition(":")[2]) <= b for a, b in found)


def by_copy(mapping: Mapping, key: int, log: "ExportedLog | None") -> Expected:
    """The row of a legacy row that is as its copy says, which only the log explains."""
    if log is None:
        return Expected(key + mapping.shift, [None] * len(mapping.columns))
    return log.by_copy(mapping.content, mapping.label, mapping.of, key)


def database_names(mapping: Mapping, rows: Rows) -> dict[str, str]:
    """The database names of these restores' backups, by the cell of their key."""
    if TARGET not in mapping.holds:
        return {}
    of = mapping.of.replace("RestoreLog", "BackupLog")
    backups = Mapping(mapping.content, of, of)
    found = {}
    for _, cells in own_rows(mapping.content, rows, backups.table):
        told = dict(zip(backups.names, cells, strict=True))
        found[told["id"]] = backups.said("database_name", told)[1]
    return {key: name if name[0] == "t" else "t0:" for key, name in found.items()}


PLACE = "from where the host was read, and what types it gives its columns: only the host shows it"
CHOICES = "that its columns fill the targets that they should, in the right zone (--events)"
RECORDED, RETIRED = "rows recorded here", "rows of retired tables, which the host is not asked for"
WITHHELD = "rows kept out by what was said here"
AMENDED = "values amended here"
UNEXPLAINED = "values that are not the host's: this format does not say why"
SUPPOSED = "rows of retired tables of which something was assumed, or counts as not specified"
EARLIER = ", unless the log says that it was derived earlier: give --events"
OUTDATED = "rows kept out by a name that their backup had earlier"


class Held:
    """One of the tables, compared with its expected rows."""

    def __init__(
        self, content: dict[str, Any], label: str, log: "ExportedLog | None", unknown: Counter[str]
    ) -> None:
        """`unknown` counts the values that this check cannot know."""
        self.label, self.log, self.unknown = label, log, unknown
        self.said = content["projections"][label]
        self.columns = self.said["columns"]
        self.exact = content["format"] != FORMER
        self.offset = content["host"]["id_offset"]
        legacy = label not in CONSOLIDATED
        self.retired = (
            (legacy or content["scopes"][label] == "all")
            and len(content["host_tables"]) < len(LABELS)
            and log is None
        )
        self.from_legacy = 0 if legacy else self.offset
        rows = [row for row in content["quarantined"]["rows"] if row["table"] == label]
        self.listed = {row["pk"]: row for row in rows}
        if not len(self.listed) == len(rows) == self.said["quarantined"]:
            raise Refused(f"{label}: it counts other quarantined rows than are listed")
        self.counts = Counter[str]()
        self.first = ""
        """The first difference, as text."""

    def unknowable(self, pk: int) -> str:
        """Why this check cannot know whether a row with this key is expected; '' if it can."""
        if self.log is None and pk >= 2 * self.offset:
            return RECORDED
        return RETIRED if self.retired and pk >= self.from_legacy else ""

    def merge(self, expected: Iterable[Expected], rows: Rows) -> None:
        """Read both in order of key and compare them."""
        found = rows.of("projection", self.label)
        there = next(found, None)
        for row in expected:
            while there is not None and there[0] < row.pk:
                self.beyond(there[0])
                there = next(found, None)
            if there is None or there[0] != row.pk:
                self.row(row, None)
            else:
                self.row(row, there[1])
                there = next(found, None)
        while there is not None:
            self.beyond(there[0])
            there = next(found, None)
        self.conclude()

    def beyond(self, pk: int) -> None:
        """Count a row that is not expected."""
        if why := self.unknowable(pk):
            self.unknown[why] += 1
            self.counts[why] += 1
        else:
            self.differs("unexpected", f"row {pk} stands in it, and must not")

    def row(self, row: Expected, here: list[str] | None) -> None:
        unfit = [n for n, want in enumerate(row.cells) if isinstance(want, DoesNotFit)]
        listed = self.listed.pop(row.pk, None)
        if not self.exact and listed is None:
            row, unfit = (
                Expected(
                    row.pk, [None if isinstance(want, DoesNotFit) else want for want in row.cells]
                ),
                [],
            )
        if row.pk >= 2 * self.offset:
            self.counts[RECORDED] += 1
        excused = self.excused(row, unfit, listed, here)
        unfit = [n for n in unfit if n not in excused]
        if listed is not None and self.log is None and self.only_logged(listed, bool(unfit)):
            self.unknown[WITHHELD] += 1
        elif listed is not None and self.derived_too_long(row, listed, unfit):
            self.unknown[OUTDATED] += 1
        elif unfit:
            column, why = self.columns[unfit[0]], str(row.cells[unfit[0]])
            right = listed is not None and (listed["column"], listed["reason"]) == (column, why)
            if not right and (self.exact or listed is None):
                hint = EARLIER if self.is_derived(row, unfit[0]) else ""
                raise Refused(
                    f"{self.label}: row {row.pk} cannot stand in it, since {column} would have to "
                    f"hold {why}; it is not listed as quarantined for that{hint}"
                )
            if here is not None:
                self.differs(
                    "unexpected", f"row {row.pk} stands in it, and {column} is to hold {why}"
                )
        elif listed is not None:
            raise Refused(
                f"{self.label}: row {row.pk} is listed as quarantined, and each column can hold "
                "what it must"
            )
        else:
            self.counts["expected"] += 1
            if here is None:
                self.differs("missing", f"row {row.pk} is missing")
            else:
                self.cells(row, here)

    def excused(
        self, row: Expected, unfit: list[int], listed: dict[str, Any] | None, here: list[str] | None
    ) -> list[int]:
        """The cells that do not fit, and of which the log may have a value that fits.

        A row that is withheld for another column may have been amended in each one before that.
        """
        if self.log is not None:
            return []
        if listed is None:
            amended = () if here is None else self.declared(here)
            return [n for n in unfit if self.columns[n] in amended]
        names = [self.columns[n] for n in unfit]
        before = unfit[: names.index(listed["column"])] if listed["column"] in names else []
        excused = [n for n in before if self.columns[n] in AMENDABLE]
        self.unknown.update(OUTDATED if self.is_derived(row, n) else AMENDED for n in excused)
        return excused

    def is_derived(self, row: Expected, n: int) -> bool:
        return row.derived and self.columns[n] == TARGET

    def derived_too_long(self, row: Expected, listed: dict[str, Any], unfit: list[int]) -> bool:
        """Whether a row is withheld for another name than its backup has now."""
        if not row.derived or listed["column"] != TARGET or not self.exact:
            return False
        at, reason, limit = (
            self.columns.index(TARGET),
            listed["reason"],
            HOLDS[self.label][TARGET].limit,
        )
        size = re.fullmatch(f"([0-9]+) characters, and the column holds {limit}", reason)
        unable = int(size[1]) > limit if size else reason == A_NUL
        return unable and row.cells[at] != reason and not any(n < at for n in unfit)

    def only_logged(self, listed: dict[str, Any], unfit: bool) -> bool:
        """Whether the value that withholds a row is not from the host."""
        if listed["column"] in LOGGED:
            return True
        return listed["by"] == "here" if self.exact else not unfit

    def cells(self, row: Expected, here: list[str]) -> None:
        """Count the row as differing if one of its cells is not the expected one."""
        amended = self.declared(here) if self.log is None else ()
        for column, want, found in zip(self.columns, row.cells, here, strict=True):
            if want is None:
                self.unknown[f"values of `{column}`"] += 1
            elif column in amended:
                self.unknown[AMENDED] += 1
            elif found != want if isinstance(want, str) else not want(found):
                if not self.exact and column in INEXACT:
                    self.unknown[UNEXPLAINED] += 1
                    continue
                must = f", and must say {shown_cell(want)}" if isinstance(want, str) else ""
                must += EARLIER if row.derived and column == TARGET else ""
                said = f"{column} of row {row.pk} says {shown_cell(found)}{must}"
                self.differs("differing", said)
                return

    def declared(self, here: list[str]) -> Collection[str]:
        """The columns that a row itself lists as amended."""
        if "amended" not in self.columns:
            return ()
        said = here[self.columns.index("amended")]
        try:
            names = json.loads(said.partition(":")[2])
        except (ValueError, RecursionError):
            names = None
        if not fits(names, [AMENDABLE]) or said != cell("t", written(sorted(set(names))).decode()):
            raise Refused(f"{self.label}: {shown_cell(said)} is not a list of amended columns")
        return {*names, "backup_id"} if "source_backup_id" in names else names

    def differs(self, how: str, what: str) -> None:
        self.counts[how] += 1
        self.first = self.first or what

    def conclude(self) -> None:
        """Refuse the certificate if its counts differ."""
        for pk in self.listed:
            if not self.unknowable(pk):
                raise Refused(f"{self.label}: row {pk} is listed as quarantined, and nobody has it")
            self.unknown[WITHHELD] += 1
        said, counts = self.said, self.counts
        for how in COUNTS:
            if counts[how] > said[how]:
                but = (
                    f"; it counts {said[how]:,} of {counts[how]:,} {how} rows" if said[how] else ""
                )
                raise Refused(f"{self.label}: {self.first}{but}")
        must, here = counts["expected"], counts[RECORDED]
        if self.log is None:
            out = sum(pk >= 2 * self.offset for pk in self.listed)
            whole = not said["missing"] and not said["unexpected"]
            here = here + out if whole else said["recorded_here"]
            must += here - out + counts[RETIRED]
            if self.retired and not whole:
                return
        if (must, here) != (said["expected_rows"], said["recorded_here"]):
            raise Refused(
                f"{self.label}: it must hold {must:,} rows, {here:,} of them recorded here, and "
                f"the certificate says {said['expected_rows']:,} and {said['recorded_here']:,}"
            )


def shown_cell(want: str) -> str:
    text = "NULL" if want == "-" else repr(want.partition(":")[2])
    return text if len(text) <= 60 else text[:57] + "…'"


def ambiguous(said: str, zone: tzinfo) -> bool:
    """Whether a cell is a local time that occurred twice in this zone, or never."""
    found = TIME.fullmatch(said.partition(":")[2])
    if said[0] != "m" or found is None or found[2] >= "24" or found[4] or said.endswith("Z"):
        return False
    try:
        at = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=zone)
        return at.utcoffset() != at.replace(fold=1).utcoffset()
    except (ValueError, OverflowError):
        return False


class Supposed:
    """The assumptions about the rows of one host table, and how many targets are empty.

    `rows` counts them by column and value.
    """

    def __init__(self, content: dict[str, Any], of: str) -> None:
        self.content, self.of = content, of
        self.own = Mapping(content, of, of)
        into = Mapping(content, of.replace("database_management", "system_backups"), of)
        self.missing = [
            column
            for column in USUALLY
            if self.own.legacy and column in into.holds and not into.sources[column]
        ]
        self.rows: Counter[tuple[str, Any]] = Counter()
        self.empty = 0

    def of_host(self, rows: Rows) -> None:
        """Count them on the host's rows."""
        own = self.own
        times = [column for column, holds in own.holds.items() if holds.kind == "time"]
        for _, cells in own_rows(self.content, rows, own.table):
            told = dict(zip(own.names, cells, strict=True))
            for column in self.missing:
                self.rows[column, ASSUMED[column]] += 1
            for column in times:
                source, said = own.said(column, told)
                zone = own.local_zone(source)
                if zone is not None and ambiguous(said, zone):
                    self.rows[column, FIRST_OF_TWO] += 1
            self.count_empty(own, told)

    def of_log(self, log: "ExportedLog") -> None:
        """Count them on the log's record of rows that are no longer read from the host."""
        for _, _, state in log.heard(self.own.table):
            for column, value in state["assumed"].items():
                self.rows[column, value if column in ASSUMED else FIRST_OF_TWO] += 1
            columns = state["columns"]
            own = Mapping(self.content, self.of, self.of, list(columns))
            self.count_empty(own, {name: told_cell(value) for name, value in columns.items()})

    def count_empty(self, own: Mapping, told: dict[str, str]) -> None:
        if TARGET in own.holds:
            self.empty += own.said(TARGET, told)[1] == "t0:"

    def hold(self) -> None:
        """Refuse the certificate if its counts differ."""
        listed = [one for one in self.content["assumptions"] if one["table"] == self.of]
        said = Counter({(one["column"], one["value"]): one["rows"] for one in listed})
        if len(said) < len(listed):
            raise Refused(f"{self.of}: it says twice what had to be assumed in a column")
        for column, value in {**self.rows, **said}:
            must, number = self.rows[column, value], said[column, value]
            if must != number or (column, value) not in self.rows:
                raise Refused(
                    f"{self.of}: {column} had to be assumed to be {shown_value(value)} in "
                    f"{must:,} rows of the host's, and the certificate says {number:,}"
                )
        if self.of in RESTORES and self.empty != self.content["empty_targets"][self.of]:
            raise Refused(
                f"{self.of}: target_database is empty in {self.empty:,} rows of the host's, and "
                f"the certificate says {self.content['empty_targets'][self.of]:,}"
            )


def shown_value(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def hold_assumptions(
    content: dict[str, Any], rows: Rows, events: "Events | None", unknown: Counter[str]
) -> None:
    """Refuse wrong counts of assumptions, or of empty targets, in the host's rows."""
    for of in LABELS:
        supposed = Supposed(content, of)
        if supposed.own.table in content["host_tables"]:
            supposed.of_host(rows)
        elif events is not None:
            supposed.of_log(events.log(content["projections"][of]["position"]))
        else:
            said = [one["rows"] for one in content["assumptions"] if one["table"] == of]
            unknown[SUPPOSED] += max([*said, content["empty_targets"].get(of, 0)], default=0)
            continue
        supposed.hold()


def hold(content: dict[str, Any], rows: Rows, events: "Events | None") -> Counter[str]:
    """Compare the tables with the host's rows; returns what could not be known, and how often."""
    unknown = Counter[str]()
    if "assumptions" in content:
        hold_assumptions(content, rows, events, unknown)
    for label, said in content["projections"].items():
        log = events.log(said["position"]) if events else None
        others = COLUMNS[label] ^ set(said["columns"])
        if content["format"] == FORMER:
            others = set(HOLDS[label]) - set(said["columns"])
        if others or len(set(said["columns"])) < len(said["columns"]):
            what = ", ".join(sorted(others)) or "no column twice"
            raise Refused(f"{label}: the columns are not those that the table has: {what}")
        parts = [label]
        if label in CONSOLIDATED and content["scopes"][label] == "all":
            parts.append(label.replace("system_backups", "database_management"))
        expected: list[Iterable[Expected]] = []
        for of in parts:
            mapping = Mapping(content, label, of)
            if mapping.table in content["host_tables"]:
                expected.append(from_host(mapping, rows, log))
            elif log is not None:
                expected.append(log.retired(content, label, of))
        if log is not None:
            expected.append(log.recorded(content, label))
        Held(content, label, log, unknown).merge(chain.from_iterable(expected), rows)
    return unknown


# --- the log ---------------------------------------------------------------------------------

EVENT = dict.fromkeys(("position", "version", "schema_version", "recorded_at"), is_count) | {
    "stream": is_id,
    "topic": str,
    "state": str,
    "metadata": str,
    "salt": str,
    "hash": is_digest,
}
HOST_ROWS = {"Imported": 2, "ChangedInHost": 2, "ReturnedToHost": 2, "Reinterpreted": 1,
             "CopyChangedInHost": 1, "VanishedFromHost": 1}  # fmt: skip
BY_AGGREGATE = {
    "restore": HOST_ROWS
    | dict.fromkeys(("Requested", "Started", "Completed", "Failed", "Cancelled"), 2)
    | dict.fromkeys(("Progressed", "Validated", "Amended"), 1),
    "backup": HOST_ROWS | {"Registered": 2, "Expired": 1, "Verified": 1},
    "consolidation": dict.fromkeys(
        ("HostAdopted", "FingerprintAccepted", "ColumnsChosen", "ZoneChosen", "CopiesDeclared",
         "Verified", "CutOver", "RolledBack", "SnapshotRestored", "Retired"), 1),
    "administration": dict.fromkeys(
        ("ClockJumpAccepted", "LogAccepted", "AccountCreated", "AccountRenamed", "AccountDisabled",
         "AccountEnabled", "AccountDeleted", "RightsChanged", "PasswordChanged", "TokenCreated",
         "TokenRevoked", "RoleRedefined", "LoginUnlocked", "LoginFailed", "TrailRead",
         "ExportTaken"), 1),
}  # fmt: skip
KNOWN = {
    f"{kind}.{what}": version
    for kind, events in BY_AGGREGATE.items()
    for what, version in events.items()
}
"""The newest schema version of each topic that this check knows."""
READ = ("Imported", "ChangedInHost", "ReturnedToHost", "Reinterpreted")
OF_COPY = "CopyChangedInHost"
"""The copy of a legacy row, which a migration of the host made, was changed there."""
CORRECTS = ("ColumnsChosen", "ZoneChosen", "Reinterpreted")
Json = dict[str, Any]


def part(data: bytes) -> bytes:
    return len(data).to_bytes(8) + data


def linked(before: bytes, event: Json) -> bytes:
    """The hash of this event in the chain, after the one with that hash."""
    salt = part(bytes.fromhex(event["salt"]))
    payloads = (event[name].encode("utf-8", "surrogateescape") for name in ("state", "metadata"))
    sealed = b"".join(part(sha256(salt + part(payload)).digest()) for payload in payloads)
    header = event["position"].to_bytes(8) + UUID(event["stream"]).bytes
    header += event["version"].to_bytes(8) + event["schema_version"].to_bytes(4)
    header += event["recorded_at"].to_bytes(8) + event["topic"].encode()
    return sha256(part(before) + part(header) + sealed).digest()


def is_known(event: Json) -> bool:
    return event["schema_version"] in range(1, KNOWN.get(event["topic"], 0) + 1)


class Events:
    """The exported log; each of its events is checked against the chain."""

    def __init__(self, path: Path, content: Json, sha256_: str) -> None:
        """`sha256_` is the certificate's, which an event may name."""
        self.path, self.content = path, content
        self.heads = bytearray()
        self.logs: dict[int, ExportedLog] = {}
        self.corrections: list[str] = []
        self.unknown: list[str] = []
        """The events after the certificate that this check does not know."""
        self.named = False
        verified: list[Json] = []
        time = 0
        for number, line in enumerate(lines_of(path), start=1):
            try:
                event = json.loads(line)
                state = json.loads(event["state"])
                if not fits(event, EVENT) or event["position"] != number:
                    raise ValueError
                head = linked(self.head(number - 1), event)
            except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
                raise Refused(f"line {number} of the events is not event {number}") from error
            if head.hex() != event["hash"]:
                raise Refused(f"event {number} does not fit the chain")
            if event["recorded_at"] < time:
                raise Refused(f"event {number} was recorded before the one before it")
            time = event["recorded_at"]
            self.heads += head
            what = event["topic"].partition(".")[2]
            if event["topic"] == "consolidation.Verified":
                verified.append(state)
                self.named = self.named or state["certificate"] == sha256_
            if number > content["log"]["position"] and what in CORRECTS:
                self.corrections.append(f"{event['topic']} at position {number:,}")
            if number > content["log"]["position"] and not is_known(event):
                self.unknown.append(f"{event['topic']} at position {number:,}")
        for state in verified:
            self.refuse_another(
                state["log_position"], state["chain_head"], "one of its events says"
            )

    def head(self, position: int) -> bytes:
        return bytes(self.heads[32 * position - 32 : 32 * position]) if position else bytes(32)

    @property
    def end(self) -> int:
        return len(self.heads) // 32

    def refuse_another(self, position: int, head: str, who: str) -> None:
        """Refuse unless the chain has this hash there."""
        if position > self.end or self.head(position).hex() != head:
            raise Refused(
                f"the events end at position {self.end:,}, and {who} position {position:,}"
                if position > self.end
                else f"at position {position:,} the chain of the events is not what {who}"
            )

    def log(self, upto: int) -> "ExportedLog":
        if upto not in self.logs:
            self.logs[upto] = ExportedLog(self.path, upto)
        return self.logs[upto]

    def check(self) -> None:
        """Compare the certificate's statements about the log with it."""
        content, says = self.content, "the certificate says"
        for position, head in heads_of(content).items():
            self.refuse_another(position, head, says)
        log = self.log(content["log"]["position"])
        host = content["host"]
        if (log.host.get("host_id"), log.host.get("id_offset")) != (host["id"], host["id_offset"]):
            raise Refused("the log is bound to another host, or by another offset")
        if host["fingerprint"] not in log.fingerprints:
            raise Refused("the log does not know the host by the certificate's fingerprint")
        scopes = {content["scopes"][label] for label in CONSOLIDATED}
        if content["purpose"] == "verify" and content["equal"] and scopes != {log.scope}:
            raise Refused("by the log the consolidated tables have another scope")
        chosen = [
            {"table": label, "target": target, "columns": choice["sources"]}
            | {name: choice[name] for name in ("how", "reason")}
            for label, targets in log.chosen.get("columns", {}).items()
            for target, choice in targets.items()
            if choice["how"] in ("proposed", "decided")
        ]
        if content.get("columns", chosen) != chosen:
            raise Refused("the log says something else of which column fills which")
        known = log.chosen.get("zone")
        zone = content.get("zone", known)
        # A log from before the zone was recorded has none; its certificates cannot say equal.
        if zone != known and (known is not None or content["equal"]):
            raise Refused("the log says that the host's times are of another zone")
        for name, table in content["host_tables"].items():
            if log.digest(name) != table["log_digest"]:
                raise Refused(f"{name}: the log_digest is not that of the log's events")


class Stream:
    """The log's record of one restore or backup."""

    def __init__(self) -> None:
        self.version = 0
        self.amendments: list[Json] = []
        self.row: Json = {}
        """Of one recorded here: the row, by the consolidated table's names."""
        self.place: tuple[str, int, int] | None = None
        """Of a host's row: its table, its key, and where its last event begins in the file."""
        self.columns = b""
        self.copied = False
        """Whether its last event is of a row's copy."""
        self.username: Any = None
        self.derived: Any = None
        self.backup = "-"
        """The cell of a restore's backup when its row was read."""


class ExportedLog:
    """The state of the log after the events up to a position."""

    def __init__(self, path: Path, upto: int) -> None:
        self.path = path
        self.streams: dict[str, Stream] = {}
        self.scope = "native"
        self.fingerprints: list[str] = []
        self.host: Json = {}
        self.chosen: Json = {}
        place = 0
        for number, line in enumerate(lines_of(path), start=1):
            if number > upto:
                break
            event = json.loads(line)
            try:
                self.take(event, json.loads(event["state"]), place)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise Refused(f"event {number} is not what a {event['topic']} is") from error
            place += len(line)

    def take(self, event: Json, state: Json, place: int) -> None:
        if not is_known(event):
            raise Unusable(
                f"event {event['position']:,} is a {event['topic']} of schema version "
                f"{event['schema_version']}, and this check is older than that; take the one of "
                "the service that wrote the log"
            )
        kind, _, what = event["topic"].partition(".")
        if kind == "consolidation":
            self.step(what, state)
            return
        if kind == "administration":
            return  # It is about the log, accounts or readers, and changes no row.
        stream = self.streams.setdefault(event["stream"], Stream())
        stream.version = event["version"]
        if what in READ or what == OF_COPY:
            legacy = state["origin"] == "legacy"
            table = f"{'database_management' if legacy else 'system_backups'}_{kind}log"
            stream.place = table, state["legacy_id" if legacy else "consolidated_id"], place
            stream.copied = what == OF_COPY
            if not stream.copied:
                stream.columns = sha256(written(state["columns"])).digest()
            stream.username = state.get("username")
            stream.derived = state["derived"].get(TARGET)
            backup = state.get("backup")
            stream.backup = cell("u", backup["backup_id"]) if backup else "-"
        elif what == "VanishedFromHost":
            stream.place = None
        else:
            if what == "Amended":
                stream.amendments.append(state)
            stream.row = followed(stream.row, kind, what, state, event["position"])

    def step(self, what: str, state: Json) -> None:
        if what == "HostAdopted":
            self.host = state
        if what in ("HostAdopted", "FingerprintAccepted"):
            self.fingerprints.append(state["fingerprint"])
        if what in ("CutOver", "RolledBack", "SnapshotRestored"):
            self.scope = {"CutOver": "all", "RolledBack": "native"}.get(what) or state["scope"]
        if what in ("ColumnsChosen", "ZoneChosen"):
            self.chosen |= state

    def of(self, table: str) -> list[tuple[int, str, Stream]]:
        """The rows that are in a host's table according to the log, in order of key."""
        return sorted(
            (stream.place[1], name, stream)
            for name, stream in self.streams.items()
            if stream.place is not None and stream.place[0] == table
        )

    def digest(self, table: str) -> str:
        return sha256(b"".join(stream.columns for _, _, stream in self.of(table))).hexdigest()

    def overlay(self, mapping: Mapping, wants: list[Want], *, derived: bool) -> bool:
        """Add the values of a host's row that only the log knows: amended and derived ones.

        Returns whether the derived one is not known, since the row changed after it was read.
        """
        own = wants[mapping.columns.index(mapping.own)]
        stream = self.streams.get(own.partition(":")[2] if isinstance(own, str) else "")
        if stream is None:
            return derived
        over = logged(stream, mapping.label)
        unknown = derived and TARGET not in over
        if unknown and stream.backup == wants[mapping.columns.index("backup_id")]:
            unknown = stream.derived is None
            over[TARGET] = stream.derived
        for number, column in enumerate(mapping.columns):
            if column in over:
                wants[number] = held_value(mapping.label, column, over[column])
        if unknown:
            wants[mapping.columns.index(TARGET)] = None
        return unknown

    def heard(self, table: str) -> Iterator[tuple[int, Stream, Json]]:
        """The key, stream and last event of each row that is in a host's table."""
        rows = self.of(table)
        places = array("q", [stream.place[2] for _, _, stream in rows if stream.place])
        for (key, _, stream), line in zip(rows, lines_at(self.path, places), strict=True):
            yield key, stream, json.loads(line["state"])

    def retired(self, content: Json, label: str, of: str) -> Iterator[Expected]:
        """The expected rows of a retired host table, by the log's last record of them."""
        for key, stream, state in self.heard(of.replace(".", "_").lower()):
            yield self.told(content, label, of, key, stream, state)

    def by_copy(self, content: Json, label: str, of: str, key: int) -> Expected:
        """The expected row of a legacy row that is as its copy says."""
        table = of.replace(".", "_").lower()
        stream = self.streams.get(str(uuid5(UUID(content["host"]["id"]), f"{table}:{key}")))
        if stream is None or stream.place is None:
            raise Refused(f"{table}: the log has no row {key}, and a copy is said to speak for it")
        (line,) = lines_at(self.path, array("q", [stream.place[2]]))
        return self.told(content, label, of, key, stream, json.loads(line["state"]))

    def told(
        self, content: Json, label: str, of: str, key: int, stream: "Stream", state: Json
    ) -> Expected:
        """The expected row of a host's row by its last event."""
        columns = state["columns"]
        mapping = Mapping(content, label, of, list(columns))
        told = {name: told_cell(value) for name, value in columns.items()}
        wants = mapping.cells(told, {})
        rest = {name: columns[name] for name in mapping.rest(told)}
        over: Json = {"extra": written(rest).decode()}
        for column, holds in mapping.holds.items():
            if holds.kind == "time":
                source, _ = mapping.said(column, told)
                over[column] = instant(state, column, source)
        if mapping.derives(told):
            over[TARGET] = stream.derived
        if stream.copied and "backup" in state:
            backup = state["backup"] or {}
            side = "legacy" if label not in CONSOLIDATED else "consolidated"
            over["source_backup_id"] = backup.get(side)
            over["backup_id"] = (backup and {"$": "uuid", "v": backup["backup_id"]}) or None
        over |= logged(stream, label)
        for number, column in enumerate(mapping.columns):
            if column in over:
                wants[number] = held_value(label, column, over[column])
        return Expected(key + mapping.shift, wants)

    def recorded(self, content: Json, label: str) -> Iterator[Expected]:
        """The expected rows that were recorded here, in order of id."""
        kind = "backup" if label.endswith("BackupLog") else "restore"
        found = [
            (stream.row["id"], name, stream)
            for name, stream in self.streams.items()
            if stream.row.get("kind") == kind and belongs(stream.row, label)
        ]
        for id_, name, stream in sorted(found, key=lambda one: one[0]):
            row = shown_row(stream, label) | {f"{kind}_id": {"$": "uuid", "v": name}}
            columns = content["projections"][label]["columns"]
            yield Expected(id_, [held_value(label, column, row.get(column)) for column in columns])


def instant(state: Json, column: str, source: str) -> Any:
    """The instant of a row's time in an event: computed, or as it was read."""
    for worked_out in (state["assumed"], state["derived"]):
        if column in worked_out:
            value = worked_out[column]
            return {"$": "time", "v": value} if isinstance(value, str) else value
    return state["columns"].get(source)


def belongs(row: Json, label: str) -> bool:
    """Whether a row recorded here is in this table: the legacy ones have only databases."""
    if label in CONSOLIDATED:
        return True
    return row.get("restore_type", "database") == "database" and row.get("backup_type") != "files"


def shown_row(stream: Stream, label: str) -> Json:
    """A row recorded here as this table shows it."""
    row: Json = {"origin": "recorded"} | stream.row
    backup = row.get("backup")
    row["source_backup_id"] = (
        backup and backup["consolidated" if label in CONSOLIDATED else "legacy"]
    )
    if row["kind"] == "restore":
        row["backup_id"] = backup and {"$": "uuid", "v": backup["backup_id"]}
    if label not in CONSOLIDATED:
        row["restore_method"] = row.get("trigger_type")
        row["status"] = "completed" if row["status"] == "partial" else row["status"]
    return row | {"amended": logged(stream, label).get("amended"), "version": stream.version}


def logged(stream: Stream, label: str) -> Json:
    """The values of a row that only the log has, by column."""
    over: Json = {}
    for event in stream.amendments:
        for column, value in event["changes"].items():
            if label not in CONSOLIDATED:
                column = "restore_method" if column == "trigger_type" else column
                value = "completed" if (column, value) == ("status", "partial") else value
            if column not in HOLDS[label]:
                continue
            over[column] = value
            if column == "source_backup_id":
                backup = event["backup"]
                over["backup_id"] = backup and {"$": "uuid", "v": backup["backup_id"]}
                if backup:
                    over[column] = backup["consolidated" if label in CONSOLIDATED else "legacy"]
    names = sorted(over.keys() - {"backup_id"})
    return over | {
        "amended": written(names).decode(),
        "version": stream.version,
        "created_by_username": stream.username,
    }


def held_value(label: str, column: str, value: Any) -> str:
    """The expected cell of a column for a value in an event."""
    if isinstance(value, dict) and value["$"] == "uuid":
        return cell("u", value["v"])
    holds = HOLDS[label].get(column) or LOGGED.get(column, Kind("text", BIG, null=True))
    return fitted(holds, told_cell(value), None)


def told_cell(value: Any) -> str:
    """The cell for a value in an event, in the form that `fitted` expects."""
    if value is None:
        return "-"
    if isinstance(value, dict):
        letters = {"time": "m", "bytes": "x", "float": "f", "decimal": "n"}
        return cell(letters.get(value["$"], "r"), value["v"])
    letter = {bool: "b", int: "i"}.get(type(value), "t")
    return cell(letter, str(int(value)) if letter == "b" else str(value))


def followed(row: Json, kind: str, what: str, state: Json, position: int) -> Json:
    """A row recorded here after one more event."""
    if what in ("Requested", "Registered"):
        at = {"$": "time", "v": state["requested_at" if kind == "restore" else "registered_at"]}
        start: Json = {
            "kind": kind,
            "created_at": at,
            "updated_at": at,
            "id": state["id_offset"] + position,
        }
        if kind == "backup":
            names = "checksum", "format", "contents"
            told = {name: state[name] for name in names if state.get(name)}
            return state | start | {"extra": written(told).decode()}
        start["extra"] = written(state.get("attributes", {})).decode()
        names = "started_at", "completed_at", "duration_seconds"
        start |= dict.fromkeys(names) | {
            "status": "pending",
            "created_by_id": state["requested_by"],
        }
        start["created_by_username"] = state["requested_by_username"]
        return state | start
    if not row:
        return row  # a host's row, which can only be amended here
    if what == "Amended":
        changes = state["changes"]
        if "source_backup_id" in changes:
            row = row | {"backup": state["backup"]}
        return {**row, **changes, "updated_at": {"$": "time", "v": state["amended_at"]}}
    if what == "Progressed":
        return row
    if what == "Validated":
        at = {"$": "time", "v": state["validated_at"]}
        return row | {"validation": state["result"], "updated_at": at}
    if what == "Expired":
        return row | {"status": "expired", "updated_at": {"$": "time", "v": state["expired_at"]}}
    if what == "Verified":
        at = {"$": "time", "v": state["verified_at"]}
        told = json.loads(row["extra"]) | {"verification": state["result"]}
        return row | {"extra": written(told).decode(), "updated_at": at}
    if what == "Started":
        at = {"$": "time", "v": state["started_at"]}
        return row | {"status": "in_progress", "started_at": at, "updated_at": at}
    at = {"$": "time", "v": state[ENDS[what]]}
    status = state.get("outcome") or what.lower()
    took, started = None, read_time(row["started_at"])
    if started is not None and read_time(at) >= started:
        took = (read_time(at) - started) // timedelta(seconds=1)
    ended = at if started is not None or status != "cancelled" else None
    return row | {"status": status, "completed_at": ended, "duration_seconds": took,
                  "message": state["message"], "updated_at": at,
                  "warnings_count": state.get("warnings_count")}  # fmt: skip


ENDS = {"Completed": "completed_at", "Failed": "failed_at", "Cancelled": "cancelled_at"}


def read_time(value: Any) -> Any:
    """The moment of a tagged time; None for any other value."""
    if not isinstance(value, dict) or value["$"] != "time":
        return None
    found = moment(value["v"], None)
    return None if isinstance(found, DoesNotFit) else datetime.fromisoformat(found[4:])


# --- another certificate or an anchor of the same log ----------------------------------------

ANCHOR = {"format": "restore-log-anchor/1", "log": is_digest, "position": is_count,
          "head": is_digest, "issued_at": str, "issued_by": str}  # fmt: skip


def positions(upto: int) -> set[int]:
    """The positions whose heads a certificate names: the first, and the last 8 of each 2^n."""
    found, step = {1} if upto else set(), 1
    while step <= upto:
        last = upto - upto % step
        found.update(range(last, max(last - 8 * step, 0), -step))
        step *= 2
    return found


def heads_of(content: dict[str, Any]) -> dict[int, str]:
    """The chain's hashes that a certificate or an anchor names, by position."""
    if "head" in content:
        return {1: str(content["log"]), content["position"]: str(content["head"])}
    log = content["log"]
    named: dict[int, str] = {int(position): head for position, head in log.get("heads", {}).items()}
    return named | ({log["position"]: log["chain_head"]} if log["position"] else {})


def same_log(content: dict[str, Any], other: dict[str, Any], what: str) -> list[int]:
    """Refuse if the two are of different logs, or of one that was changed and not only appended to.

    Returns the positions that both name.
    """
    mine, its = heads_of(content), heads_of(other)
    shared = sorted(mine.keys() & its.keys())
    for position in shared:
        if mine[position] != its[position]:
            raise Refused(
                f"it contradicts the {what}: at position {position:,} of the log the chain's hash "
                f"is {mine[position]} here, and {its[position]} there"
            )
    return shared


def same_story(content: dict[str, Any], other: dict[str, Any]) -> list[int]:
    """Refuse two certificates that cannot be of one log; returns the positions that both name."""
    if content["host"]["id"] != other["host"]["id"]:
        raise Refused("the other certificate is of another log: it names another host's id")
    if content["host"]["id_offset"] != other["host"]["id_offset"]:
        raise Refused("it contradicts the other certificate: they name different offsets of ids")
    shared = same_log(content, other, "other certificate")
    earlier, later = sorted((content, other), key=lambda one: one["log"]["position"])
    if earlier["log"]["position"] == later["log"]["position"]:
        for name, table in earlier["host_tables"].items():
            there = later["host_tables"].get(name, table)
            if table["log_digest"] != there["log_digest"]:
                raise Refused(
                    f"it contradicts the other certificate: at one position the log says two "
                    f"things of {name}"
                )
    for label in CONSOLIDATED:
        before, after = (one["projections"][label]["recorded_here"] for one in (earlier, later))
        if after < before:
            raise Refused(
                f"it contradicts the other certificate: {before:,} rows of {label} were recorded "
                f"here at position {earlier['log']['position']:,}, and {after:,} at position "
                f"{later['log']['position']:,}; none is ever taken back"
            )
    if len(earlier["host_tables"]) < len(later["host_tables"]):
        raise Refused(
            "it contradicts the other certificate: the legacy tables are retired at position "
            f"{earlier['log']['position']:,} and not at {later['log']['position']:,}"
        )
    return shared


# --- the host --------------------------------------------------------------------------------


def host_digests(path: Path) -> dict[str, tuple[int, str]]:
    """The output of a recipe: JSON, or lines of table, rows and digest."""
    text = read(path).decode("utf-8-sig", "replace").strip()
    found = {}
    try:
        if text.startswith("{"):
            for name, said in json.loads(text)["tables"].items():
                found[name] = said["rows"], said["digest"].lower()
        else:
            for line in text.splitlines():
                cells = line.replace("|", "\t").replace(",", "\t").split("\t")
                parts = [cell.strip(' "') for cell in cells]
                if len(parts) == 3 and parts[1].isdigit():
                    found[parts[0]] = int(parts[1]), parts[2].lower()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unusable(f"{path} is not what a recipe prints") from error
    if not found or not all(is_count(rows) for rows, _ in found.values()):
        raise Unusable(f"{path} is not what a recipe prints")
    return found


def same_host(said: dict[str, tuple[int, str]], content: dict[str, Any]) -> None:
    for name in said:
        if name not in HOST_TABLES:
            raise Refused(f"{name}: the host's digests name it, and no certificate does")
    for name, table in content["host_tables"].items():
        if name not in said:
            raise Refused(f"{name}: the host's digests leave it out")
        rows, digest = said[name]
        if (rows, digest) != (table["rows"], table["digest"]):
            raise Refused(
                f"{name}: the host has {rows} rows with digest {digest}, the certificate says "
                f"{table['rows']} rows with digest {table['digest']}"
            )


# --- the command -----------------------------------------------------------------------------


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error


def read_key(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(read(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable(f"{path} holds no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Unusable(f"{path} holds a key of another kind than Ed25519")
    return key


def check(
    arguments: argparse.Namespace, checked: list[str], unchecked: list[str]
) -> tuple[str, dict[str, Any]]:
    """Run all checks; returns the file's SHA-256 and its content.

    The two lists receive what was checked so far, and what was not.
    """
    data, key = read(arguments.certificate), read_key(arguments.public_key)
    content, hashed = opened(data, key), sha256(data).hexdigest()
    checked.append("the file is whole, and the given key signed it")
    formed(content)
    consistent(content)
    checked.append("the verdict follows from the counts and digests")
    if content["format"] in NOT_COVERED:
        unchecked.append(NOT_COVERED[content["format"]])
    rows, events = None, None
    if arguments.rows:
        rows = Rows(arguments.rows)
        number = count_rows(arguments.rows, content, rows.places)
        checked.append(f"each of the {number:,} rows, hashed again, and each table's digest")
    else:
        unchecked.append("the rows behind the digests (--rows)")
    if arguments.host_digests:
        same_host(host_digests(arguments.host_digests), content)
        checked.append("the host's own digests are those of the certificate")
    else:
        unchecked.append("whether the host is what the certificate says (--host-digests)")
    if len(content["host_tables"]) < len(LABELS):
        unchecked.append("the host's legacy tables, which are left out as after a retirement")
    if arguments.events:
        events = Events(arguments.events, content, hashed)
        events.check()
        checked.append(f"the chain of {events.end:,} events, and what is said of the log")
    if rows:
        unknown = hold(content, rows, events)
        checked.append("each table holds what the mapping makes of the host's rows")
        unchecked += [f"{count:,} {what}" for what, count in sorted(unknown.items())]
    check_log(arguments, key, content, events, checked, unchecked)
    if content["format"] != FORMER:
        unchecked.append(PLACE)
    return hashed, content


def check_log(
    arguments: argparse.Namespace,
    key: Ed25519PublicKey,
    content: dict[str, Any],
    events: Events | None,
    checked: list[str],
    unchecked: list[str],
) -> None:
    """Compare it with an anchor and another certificate, and with the log, as far as given."""
    if events is None:
        unchecked.append("what follows from the log alone (--events)")
        if content["format"] != FORMER:
            unchecked.append(CHOICES)
    else:
        if not events.named:
            unchecked.append("whether the log names this certificate: these events do not")
        unchecked += [f"what was corrected since, by {what}" for what in events.corrections]
        unchecked += [
            f"what was said since by {what}: this check is older than that"
            for what in events.unknown
        ]
    if arguments.anchor:
        anchor = signed_content(read(arguments.anchor), key, "anchor")
        check_anchor(anchor, content, events, checked, unchecked)
    else:
        unchecked.append("whether the log has grown from one that was kept elsewhere (--anchor)")
    if arguments.against:
        other = opened(read(arguments.against), key)
        formed(other)
        consistent(other)
        check_other(other, content, events, checked)


def check_anchor(
    anchor: dict[str, Any],
    content: dict[str, Any],
    events: Events | None,
    checked: list[str],
    unchecked: list[str],
) -> None:
    """Check that the certificate's log is the anchored one."""
    if not fits(anchor, ANCHOR):
        raise Refused("the anchor is not what its format asks for")
    at = anchor["position"]
    shared = same_log(content, anchor, "anchor")
    if events is not None:
        events.refuse_another(1, anchor["log"], "the anchor says")
        events.refuse_another(at, anchor["head"], "the anchor says")
    if events is not None or at in shared:
        checked.append(f"the log is the one that was anchored at position {at:,}")
    else:
        unchecked.append(f"whether the log is as anchored at position {at:,} (--events)")
    if at < content["log"]["position"]:
        unchecked.append(f"whether the events after position {at:,}, the anchor's, are genuine")


def check_other(
    other: dict[str, Any], content: dict[str, Any], events: Events | None, checked: list[str]
) -> None:
    """Check that another certificate does not contradict this one."""
    shared = same_story(content, other)
    if events is not None and other["log"]["position"] <= events.end:
        for position, head in heads_of(other).items():
            events.refuse_another(position, head, "the other certificate says")
    where = f", which both name at position {shared[-1]:,}" if shared else ""
    checked.append(f"the other certificate does not contradict it{where}")


def place(content: dict[str, Any]) -> list[str]:
    """The place where the host was read according to the certificate, as text."""
    source = content["host"].get("source", {})
    parts = [f"{name} {value}" for name, value in source.items() if value is not None]
    return [f"  read from {', '.join(parts)}"] if parts else []


def said_of(hashed: str, content: dict[str, Any]) -> list[str]:
    """A summary of the certificate with this SHA-256, in a few lines."""
    quarantined = content["quarantined"]
    lines = [
        f"Certificate of {content['issued_at']} by {content['issued_by']}",
        f"SHA-256 {hashed}, as the log should name it",
        f"Host {content['host']['id']}, log position {content['log']['position']:,}",
        *place(content),
        *(
            f"  {name}: {table['rows']:,} rows in the host, digest {table['digest']}"
            for name, table in sorted(content["host_tables"].items())
        ),
        *(
            f"  {label}: {table['rows']:,} rows, {table['recorded_here']:,} of them recorded by "
            f"the service, digest {table['digest']}"
            for label, table in sorted(content["projections"].items())
        ),
    ]
    if quarantined["count"]:
        why = f"accepted: {quarantined['reason']}" if quarantined["accepted"] else "not accepted"
        lines.append(f"  {quarantined['count']:,} rows that no table can hold, {why}")
    lines += [f"  {problem}" for problem in content["problems"]]
    verdict = "equal" if content["equal"] else "NOT EQUAL"
    return [*lines, f"It says that the tables and the host are {verdict}."]


def verdict(unchecked: int) -> str:
    points = "1 point was" if unchecked == 1 else f"{unchecked} points were"
    return f"The certificate is genuine in all that was checked; {points} NOT checked, see above."


def shown(text: str) -> str:
    """The text in one line, without control characters for a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def say(text: str) -> bool:
    """Print the result, with unprintable characters escaped; False if that is impossible."""
    if sys.stdout is None:
        complain("standard output is closed, so there is no place for the answer")
        return False
    encoding = sys.stdout.encoding
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError as error:
        with suppress(OSError):
            sys.stdout.close()  # or Python tries to write it again when it exits
        complain(f"the answer cannot be written: {error.strerror}")
        return False
    return True


def complain(why: str) -> None:
    print(shown(f"Cannot check: {why}."), file=sys.stderr)


def arguments_given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Checks a certificate, without the service.")
    parser.add_argument(
        "certificate",
        type=Path,
        metavar="CERTIFICATE",
        help="what verify, cut_over or retire wrote",
    )
    parser.add_argument(
        "--public-key",
        type=Path,
        required=True,
        metavar="KEY.pem",
        help="of the key that must have signed it; from somebody you trust",
    )
    for option, metavar, words in (
        ("--rows", "ROWS.ndjson", "the rows that were compared, exported with the certificate"),
        ("--host-digests", "FILE", "what the recipe for the host's digests printed there"),
        ("--events", "FILE", "the log, exported; what the host cannot say is held against it"),
        ("--anchor", "FILE", "an anchor of the log that was kept elsewhere"),
        (
            "--against",
            "FILE",
            "another certificate of the same log, which must not contradict this one",
        ),
    ):
        parser.add_argument(option, type=Path, metavar=metavar, help=words)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return parser.parse_args()


def main() -> int:
    arguments = arguments_given()
    checked: list[str] = []
    unchecked: list[str] = []
    found: tuple[str, dict[str, Any]] | None = None
    why: str | None = None
    code = 0
    try:
        found = check(arguments, checked, unchecked)
    except Refused as refused:
        why, code = str(refused), 1
    except Unusable as unusable:
        code = 2
        complain(str(unusable))
    if arguments.json:
        answer = {
            "genuine": code == 0,
            "refused": why,
            "equal": found[1]["equal"] if found else None,
            "sha256": found[0] if found else None,
            "checked": checked,
            "not_checked": unchecked,
        }
        return code if say(json.dumps(answer)) else 2
    if code == 2:
        return code
    lines = said_of(*found) if found else []
    lines += [f"Checked: {one}." for one in checked]
    lines += [f"NOT checked: {one}." for one in unchecked]
    lines.append(verdict(len(unchecked)) if found else f"REFUSED: {why}.")
    return code if say("\n".join(map(shown, lines))) else 2


if __name__ == "__main__":
    sys.exit(main())
