"""The consolidated tables: restores and backups as the host's system_backups app shows them."""
