-- The streams that have more than one event up to a position, and the number of the last.
SELECT stream_id, max(stream_version)
FROM event_store_event
WHERE stream_version > 1 AND position <= ?
GROUP BY stream_id
LIMIT ?
