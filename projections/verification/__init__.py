"""The comparison of projections with the host. It shares no code with what made them."""
