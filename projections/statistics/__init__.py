"""Statistics of restores: sums by period, target, type, trigger and person, and the answers."""
