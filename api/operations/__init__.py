"""Health, metrics and warnings, for the people who run the service."""
