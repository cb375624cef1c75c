"""An import: what every row of a host becomes in the log, and what was imported already."""
