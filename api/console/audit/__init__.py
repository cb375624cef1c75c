"""The pages of the audit log: its events, and one event with its proof."""
