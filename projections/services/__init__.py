"""The services that commands, REST and pages call. They append, and then catch up.

Code that needs the log, the host and the tables together is here; the steps of the consolidation,
which do too, have a package of their own.
"""
