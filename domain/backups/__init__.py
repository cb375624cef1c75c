"""Backups: their events (`events`) and the rules for them (`backup`)."""
