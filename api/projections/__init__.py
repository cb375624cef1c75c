"""Where each projection stands."""
