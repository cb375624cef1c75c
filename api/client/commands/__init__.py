"""The command line: `restorelog run`, `list`, `send` and the others."""
