"""Backups: what can happen to one (`events`), and what is allowed (`backup`)."""
