"""The SQL of the overview, one statement per file."""

from pathlib import Path

from infrastructure.sql_files import sql_in

sql = sql_in(Path(__file__).parent)
