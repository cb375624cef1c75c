"""The service's own database: where it is, what it must not be, and what errors may show of it."""
