"""Restores: their events (`events`) and the rules for them (`restore`)."""
