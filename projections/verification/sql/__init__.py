"""The queries that are longer than a line, by file name."""

from pathlib import Path

from infrastructure.sql_files import sql_in

query = sql_in(Path(__file__).parent)
