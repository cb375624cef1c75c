"""The append-only log: its table, its chain, and how events get in and out."""
