"""The legacy tables: restores and backups as the host's database_management app shows them."""
