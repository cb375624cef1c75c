"""Verification's longer SQL, one statement per file."""

from pathlib import Path

from infrastructure.sql_files import sql_in

query = sql_in(Path(__file__).parent)
