"""The Django migration that moves a host's legacy restores into its own consolidated table.

It is written here, and run there: by the host's own Django, which has nothing of this service. So
a migration is one module that holds its SQL for every kind of database, and needs Django only.
"""
