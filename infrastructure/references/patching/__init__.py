"""Writes the changes that are safe as one patch. `patch.py` brings them together."""
