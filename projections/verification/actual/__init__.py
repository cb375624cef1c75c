"""What a host's and a projection's tables hold, read by plain SQL."""
