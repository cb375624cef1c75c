"""The expected rows of each table, computed without the projectors and the importer."""
