"""Other things of the same names."""


class RestoreLog:
    """A log file of the web server. It has nothing to do with restores of backups."""

    def __init__(self, restore_method="tail"):
        self.restore_method = restore_method

    def described(self):
        """How it is read."""
        return self.restore_method


log = RestoreLog(restore_method="head")
READ_BY = log.restore_method
