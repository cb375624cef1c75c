"""The import: the events of a host's rows, and the index of imported rows."""
