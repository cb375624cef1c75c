-- Whether a stream's version is taken.
SELECT 1 FROM event_store_event WHERE stream_id = ? AND stream_version = ?
