"""The second migration: what refers to the legacy rows in a host refers to their copies afterwards.

It is written here and run in the host, like the migration that moves the rows, and is as complete
in itself: one module with its SQL. What differs between kinds of databases is in its Python.
"""
