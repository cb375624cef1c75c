"""The state of each projection."""
