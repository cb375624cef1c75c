"""The audit trail: the log's events as they are, with who, why and when."""
