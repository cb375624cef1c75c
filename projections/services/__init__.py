"""What the edges call: commands, REST and pages alike. They append, and then catch up.

Whatever needs the log, the host and the tables together stands here; the steps of the
consolidation, which do too, have a package of their own.
"""
