"""Events and rules of restores, backups and the consolidation. No Django, no I/O."""
