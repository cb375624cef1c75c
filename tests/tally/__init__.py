"""A projection of its own app, keyed by day and target: many restores make one row."""
