"""Who gets in: tokens, sessions, failed logins, and what of it the log records."""
