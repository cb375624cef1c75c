"""The consolidation's steps (`process`), their proof (`proving`), and their last moment (`held`)."""
