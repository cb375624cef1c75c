"""The pages of backups: the list, and one backup."""
