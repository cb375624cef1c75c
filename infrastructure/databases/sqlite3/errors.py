"""What SQLite says of an error."""


def sqlite_code(error: BaseException | None) -> int:
    """SQLite's primary result code, such as `sqlite3.SQLITE_BUSY`; 0 if the error is not its own.

    https://www.sqlite.org/rescode.html
    """
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
