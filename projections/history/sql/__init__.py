"""The history's SQL, one statement per file, in a folder per database."""

from pathlib import Path

from infrastructure.sql_files import sql_in

sql = sql_in(Path(__file__).parent)
