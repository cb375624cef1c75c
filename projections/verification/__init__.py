"""Comparing the projections with the host, by a path that shares nothing with how they were made."""
