"""The inspection of a host before it is imported."""
