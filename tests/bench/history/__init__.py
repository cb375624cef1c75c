"""A long history in one database: what its lists, its log, its statistics and its exports take."""
