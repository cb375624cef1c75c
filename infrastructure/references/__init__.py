"""Finds what a Django product's source still does with the legacy model, and changes it.

The source is read and parsed, and never imported or run. `search.py` reads from top to bottom.
"""
