"""Keeps the projections up with the log: checkpoints, catching up, rebuilding, generations."""
