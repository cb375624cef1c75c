"""The past of rows and tables: as of a moment, and which event changed what."""
