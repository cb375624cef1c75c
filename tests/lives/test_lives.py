"""Restores and backups live as the model says, whatever clients send and in which order."""

from tests.lives.running import FEW, live


def test_aggregate_tables_and_rest_do_what_the_model_says(database: str):
    live(database, FEW)
