"""Restores a backup for real: what `restorelog restore-backup` does, a module for each kind.

Every kind goes the same way (`steps`): the backup is checked, restored under another name beside
the target, checked there, and then takes the target's name. What was there before keeps its data
under a name of its own. PostgreSQL and MySQL are reached through their own programs.
"""
