"""What there is to know of a host before it is imported."""
