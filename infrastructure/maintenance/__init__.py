"""Maintenance that somebody asked for on a page, and anchors that were issued; not in the log."""
