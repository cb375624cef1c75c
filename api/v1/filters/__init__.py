"""The filters of lists, and the refusal of invalid values."""
