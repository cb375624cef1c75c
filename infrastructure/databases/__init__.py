"""The service's own database: connections, checks, reservations, redaction of its errors."""
