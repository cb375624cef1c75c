"""What can happen to restores and backups, and what is allowed. No Django, no I/O."""
