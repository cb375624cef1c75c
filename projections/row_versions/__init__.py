"""Every version of every row of the consolidated restore table, each valid between two events."""
