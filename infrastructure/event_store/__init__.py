"""The append-only log: its tables, its hash chain, how events are appended and read."""
