"""The pages of restores: the list, one restore, one of its events."""
