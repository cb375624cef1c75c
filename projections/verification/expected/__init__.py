"""What each table must hold, computed without the projectors and without the importer."""
