"""The consolidation of one host's two restore tables: its states, events and rules."""
