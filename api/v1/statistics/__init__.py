"""Statistics over REST."""
