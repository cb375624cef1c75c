"""The consolidation of one host's two restore tables, as a process with a history."""
