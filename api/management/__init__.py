"""The command line: one base, one file per command."""
