"""The consolidation: its steps, their proof and its report. Begin with `steps`."""
