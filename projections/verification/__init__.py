"""Comparing the projections with the host, by a path of its own: nothing here made them."""
