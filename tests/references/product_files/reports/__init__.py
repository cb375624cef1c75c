"""Reports on restores."""
