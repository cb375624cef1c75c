"""The SQL of who may do what."""

from pathlib import Path

from infrastructure.sql_files import sql_in

sql = sql_in(Path(__file__).parent)
