"""What a migration is about. These stand for the values that are written into each."""

DEPENDENCIES: list[tuple[str, str]] = []
STEP = 0
FIRST = True
ADDS_COLUMN = True
INDEX = ""
TARGET = ""
TABLES: dict[str, tuple[str, str]] = {}
BACKUP_COLUMN = ""
COLUMNS: dict[str, list[str]] = {}
RECORD: dict[str, str] = {}
SIZE = 0
UNCHANGED = ""
SQL: dict[str, dict[str, str]] = {}
