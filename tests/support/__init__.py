"""Helpers that every test may use: real database servers, raw SQL, the service as a subprocess."""
