"""Restores that are running now: what their heartbeats say, which is not in the log."""
