"""UTC, to the second, in an order that sorts: the same everywhere."""

DATETIME_FORMAT = r"Y-m-d H:i:s\Z"
DATE_FORMAT = "Y-m-d"
TIME_FORMAT = "H:i:s"
