"""The consolidation: its steps, their proof, and what it says of itself. Begin with `steps`."""
