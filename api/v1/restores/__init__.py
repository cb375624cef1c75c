"""Restores: the consolidated table, the legacy table, and each restore's trail."""
