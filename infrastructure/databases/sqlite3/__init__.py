"""Django's SQLite backend for the service's own database, with another way to wait for a lock."""
