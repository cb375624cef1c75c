"""The first page: what runs, what failed, how the last days were, and whether all is as it should
be."""
