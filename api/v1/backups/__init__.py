"""Backups, from the consolidated table."""
