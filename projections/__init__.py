"""The tables that people read. They are folded from the log and can be rebuilt from it."""
