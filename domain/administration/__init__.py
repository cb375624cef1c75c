"""Looking after the log: what somebody accepts of it, and why."""
