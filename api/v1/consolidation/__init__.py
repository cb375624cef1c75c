"""The consolidation: its state, and its steps for those with permission."""
