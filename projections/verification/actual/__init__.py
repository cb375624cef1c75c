"""The actual rows of a host's and a projection's tables, read by plain SQL."""
