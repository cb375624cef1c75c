"""The engine of the projections: checkpoints, catching up, rebuilding, generations."""
