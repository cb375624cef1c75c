-- One moment of the host, whatever it writes meanwhile, and times as stored: in UTC.
SET SESSION time_zone = '+00:00';
SET SESSION net_write_timeout = 3600;
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
