"""Checks a certificate without the service: this one file, Python ≥ 3.11, and `cryptography`.

    python check_certificate.py CERTIFICATE --public-key KEY.pem
        [--rows ROWS.ndjson] [--host-digests FILE] [--json]

Exit 0: everything that was checked holds. 1: refused, the reason is named. 2: it could not be
checked: a file or the key cannot be read. What was not checked is said as well.

The public key has to come from whoever is trusted, never with the certificate. `--rows` is the
export that the certificate names; every row of it is hashed again. `--host-digests` is what the
recipe for the host's kind of database prints (docs/recipes), as JSON or as lines of table, rows
and digest: then the certificate is held against the host itself.
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

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
HOST_TABLES = tuple(label.replace(".", "_").lower() for label in LABELS)
COUNTS = ("missing", "unexpected", "differing")
LETTERS = "bdfitux"


class Refused(Exception):
    """The certificate, or what goes with it, is not what it says it is."""


class Unusable(Exception):
    """Something that the check needs cannot be read."""


def canonical(value: Any) -> bytes:
    """The one way to write JSON down: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


# --- the certificate itself ------------------------------------------------------------------


def opened(data: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """The content, which the owner of the key signed in exactly these bytes."""
    try:
        document = json.loads(data)
        whole = canonical(document) + b"\n" == data
    except (ValueError, RecursionError) as error:
        raise Refused("the certificate is not JSON in UTF-8") from error
    if not whole:
        raise Refused("the certificate is not in its canonical form")
    if not isinstance(document, dict) or set(document) != {"certificate", "signature"}:
        raise Refused("the file is no certificate")
    content, signature = document["certificate"], document["signature"]
    if not isinstance(signature, dict) or set(signature) != {"algorithm", "key", "value"}:
        raise Refused("the certificate has no signature")
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    if signature["algorithm"] != "Ed25519" or signature["key"] != sha256(raw).hexdigest():
        raise Refused("the certificate says that it was signed by another key")
    try:
        value = b64decode(signature["value"])
        if b64encode(value).decode() != signature["value"]:
            raise ValueError
        key.verify(value, canonical(content))
    except (TypeError, ValueError, InvalidSignature) as error:
        raise Refused("the signature is not that of the given key over this content") from error
    if not isinstance(content, dict) or not fits(content.get("format"), tuple(FORMS)):
        raise Refused(f"this check knows certificates of the formats {' and '.join(FORMS)}")
    return content


def is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_digest(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def are_columns(value: Any) -> bool:
    return fits(value, [str]) and "id" in value


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
    # After the retirement the host's legacy tables are not read any more.
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
"""What a certificate has to say, and in what form: see `fits`."""

CONTENT_2: dict[str, Any] = CONTENT | {
    "format": FORMAT,
}
"""What is said beyond that, or in another form, since format 2."""

FORMS = {FORMER: CONTENT, FORMAT: CONTENT_2}
NOT_COVERED = {
    FORMER: f"what {FORMER} did not cover: what was assumed where the host is silent, which of its "
    "columns fills which and in what zone, from where it was read, and the columns that the "
    "service adds to its tables",
}
"""By format, what a certificate of it says nothing of."""


def fits(value: Any, form: Any) -> bool:
    """Whether a value has this form.

    A dict asks for exactly its members, a list for any number of its item, a tuple for one of its
    forms, a type for itself, a function for what it accepts, and anything else for itself.
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
    """Whether it says what its format asks for, of all tables, and nothing else."""
    forms = FORMS[content["format"]]
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
    """Whether the verdict follows from the counts."""
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
    if len(quarantined["rows"]) != differences["quarantined"]:
        raise Refused("not every quarantined row is listed")
    if sum(t["quarantined"] for t in content["projections"].values()) != len(quarantined["rows"]):
        raise Refused("the tables count other quarantined rows than those that are listed")
    # A row may be kept out of two tables; those that one table lists are as many rows.
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


# --- its rows --------------------------------------------------------------------------------


class Table:
    """The rows of one table as they come by."""

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
    """A cell's bytes: `-` for NULL, else a letter, the length of the value in bytes, `:`, it."""
    if not isinstance(cell, str):
        raise Refused("a cell of it is no text")
    data = cell.encode("utf-8", "surrogateescape")
    if data == b"-":
        return data
    length, colon, value = data[1:].partition(b":")
    if cell[:1] not in LETTERS or not colon or length != str(len(value)).encode():
        raise Refused("a cell of it is not well-formed")
    return data


def count_rows(path: Path, content: dict[str, Any]) -> int:
    """Hash every row of the export again, and hold it against the certificate."""
    named = content["export"]
    if named is None:
        raise Refused("the certificate names no export, so these rows are not its rows")
    tables = {
        ("host", name): Table(table["columns"]) for name, table in content["host_tables"].items()
    } | {
        ("projection", name): Table(table["columns"])
        for name, table in content["projections"].items()
    }
    whole, number = sha256(), 0
    for number, line in enumerate(lines_of(path), start=1):
        whole.update(line)
        try:
            add(line, tables)
        except Refused as refused:
            raise Refused(f"line {number} of the export: {refused}") from None
    if (number, whole.hexdigest()) != (named["lines"], named["sha256"]):
        raise Refused("the export is not the one that the certificate names")
    for (side, name), table in tables.items():
        said = content["host_tables" if side == "host" else "projections"][name]
        if (table.rows, table.sum.hexdigest()) != (said["rows"], said["digest"]):
            raise Refused(f"{name} ({side}): the rows are not those that the certificate counts")
    return number


def add(line: bytes, tables: dict[tuple[str, str], Table]) -> None:
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


def lines_of(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error


# --- the host --------------------------------------------------------------------------------


def host_digests(path: Path) -> dict[str, tuple[int, str]]:
    """What a recipe printed: JSON, or lines of table, rows and digest."""
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
    """Check it all: the file's SHA-256 and its content.

    Says in the two lists what was checked so far, and what was not.
    """
    data = read(arguments.certificate)
    content = opened(data, read_key(arguments.public_key))
    checked.append("the file is whole, and the given key signed it")
    formed(content)
    consistent(content)
    checked.append("the verdict follows from the counts and digests")
    if content["format"] in NOT_COVERED:
        unchecked.append(NOT_COVERED[content["format"]])
    if arguments.rows:
        rows = count_rows(arguments.rows, content)
        checked.append(f"each of the {rows:,} rows, hashed again, and each table's digest")
    else:
        unchecked.append("the rows behind the digests (--rows)")
    if arguments.host_digests:
        same_host(host_digests(arguments.host_digests), content)
        checked.append("the host's own digests are those of the certificate")
    else:
        unchecked.append("whether the host is what the certificate says (--host-digests)")
    if len(content["host_tables"]) < len(LABELS):
        unchecked.append("the host's legacy tables, which are left out as after a retirement")
    unchecked.append("whether the log has grown from the position named (verify_log --anchor)")
    return sha256(data).hexdigest(), content


def told(hashed: str, content: dict[str, Any]) -> list[str]:
    """What the certificate of this SHA-256 says, in a few lines."""
    quarantined = content["quarantined"]
    lines = [
        f"Certificate of {content['issued_at']} by {content['issued_by']}",
        f"SHA-256 {hashed}, as the log should name it",
        f"Host {content['host']['id']}, log position {content['log']['position']:,}",
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


def shown(text: str) -> str:
    """In one line, and with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def say(text: str) -> bool:
    """Print the answer, what the terminal cannot show spelled out; False if that is impossible."""
    if sys.stdout is None:
        complain("standard output is closed, so there is no place for the answer")
        return False
    encoding = sys.stdout.encoding
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError as error:
        with suppress(OSError):
            sys.stdout.close()  # or Python tries to write it once more when it ends
        complain(f"the answer cannot be written: {error.strerror}")
        return False
    return True


def complain(why: str) -> None:
    print(shown(f"Cannot check: {why}."), file=sys.stderr)


def main() -> int:
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
    parser.add_argument(
        "--rows",
        type=Path,
        metavar="ROWS.ndjson",
        help="the rows that were compared, exported with the certificate",
    )
    parser.add_argument(
        "--host-digests",
        type=Path,
        metavar="FILE",
        help="what the recipe for the host's digests printed there",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args()
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
    lines = told(*found) if found else []
    lines += [f"Checked: {one}." for one in checked]
    lines += [f"NOT checked: {one}." for one in unchecked]
    lines.append("The certificate is genuine." if found else f"REFUSED: {why}.")
    return code if say("\n".join(map(shown, lines))) else 2


if __name__ == "__main__":
    sys.exit(main())
