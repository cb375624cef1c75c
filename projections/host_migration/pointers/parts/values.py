"""Stands for the values that are written for each host."""

DEPENDENCIES: list[tuple[str, str]] = []
STEP = 0
TABLES: dict[str, tuple[str, str]] = {}
MODELS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {}
FOREIGN_KEYS: list[tuple[str, str, str]] = []
GENERIC: list[tuple[str, str, str, bool]] = []
GRANTS: list[tuple[str, str, str]] = []
SQL: dict[str, str] = {}
