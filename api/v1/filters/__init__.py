"""What lists can be filtered by, and how a value that cannot be right is refused."""
