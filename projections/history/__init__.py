"""What stood in a table at an earlier moment, what changed it, and which restore an id means."""
