"""The consolidation's steps (`process`), their proof (`proving`), their last moment (`held`)."""
