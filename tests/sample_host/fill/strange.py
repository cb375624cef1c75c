"""The further columns of the strange host."""

import uuid
from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from .plan import Plan, Row

OPTIONS = (
    None,
    "null",
    "{}",
    "[]",
    '"text"',
    "0",
    '{"level": 9, "ratio": 0.1, "big": 12345678901234567890, "exp": 1e+300}',
    '{"threads": 4, "exclude": ["tmp", "käse", "\\u00e9"], "deep": {"a": {"b": [null, true]}}}',
)
ESTIMATES = (
    *(None, Decimal("0.000000"), Decimal("-0.000001"), Decimal("1.500000")),
    *(Decimal("99999999999999.999999"), Decimal("12345.678900")),
)
FLOATS = (None, 0.0, -0.0, 0.1, 1 / 3, 1e300, 5e-324, -2.5, 100.0)
NOT_FINITE: dict[str, tuple[float, ...]] = {  # SQLite turns NaN into NULL
    "postgresql": (float("nan"), float("inf"), float("-inf")),
    "sqlite": (float("inf"), float("-inf")),
    "mysql": (),
}
CHECKSUMS = (None, b"", b"\x00", bytes(range(256)), b"plain ascii", "täxt".encode())
COMPRESSIONS = (None, "", "zstd", "gzip -9", "lz4")
LOCATIONS = ("local", "", "s3://bucket/κ?versions=1", "\\\\nas\\share", "tape 7")
ADDRESSES = (None, "192.0.2.7", "2001:db8::1", "::1")


def backups(plan: Plan, app: str, rows: Iterator[Row]) -> Iterator[Row]:
    """Backups with what the strange host knows of them."""
    random = plan.random(f"{app}/strange backups")
    for row in rows:
        yield row | {
            "checksum": random.choice(CHECKSUMS),
            "encrypted": random.random() < 0.5,
            "storage_location": random.choice(LOCATIONS),
            "size_mb": random.choice((None, Decimal(random.randrange(10**9)).scaleb(-3))),
        }


def restores(plan: Plan, app: str, rows: Iterator[Row]) -> Iterator[Row]:
    """Restores with what the strange host knows of them."""
    random = plan.random(f"{app}/strange restores")
    more = _legacy if app == "database_management" else _consolidated
    floats = FLOATS + NOT_FINITE[plan.vendor]
    for number, row in enumerate(rows):
        yield row | more(random, number, row, floats)


def _legacy(random: Random, number: int, row: Row, floats: tuple[Any, ...]) -> Row:
    return {
        "compression": random.choice(COMPRESSIONS),
        "compression_ratio": floats[number % len(floats)],
        "checksum": CHECKSUMS[number % len(CHECKSUMS)],
        "estimate": ESTIMATES[number % len(ESTIMATES)],
        "options": OPTIONS[number % len(OPTIONS)],
        "Retention Class": random.choice((None, "gold", "silver ")),
    }


def _consolidated(random: Random, number: int, row: Row, floats: tuple[Any, ...]) -> Row:
    sometimes = number % 3 > 0
    return {
        "target_database": row["target_database"] if row["restore_type"] == "database" else "",
        "storage_location": random.choice(LOCATIONS),
        "storage_options": OPTIONS[number % len(OPTIONS)],
        "ticket": uuid.UUID(int=random.getrandbits(128), version=4) if sometimes else None,
        "approved": random.choice((None, True, False)),
        "planned_for": row["created_at"].date() if sometimes else None,
        "window_opens": time(random.randrange(24), 30, 0, number % 2) if sometimes else None,
        "time_limit": timedelta(hours=number % 40, microseconds=number % 5) if sometimes else None,
        "requested_from": random.choice(ADDRESSES),
        "bytes_total": random.getrandbits(random.randrange(1, 63)),
    }
