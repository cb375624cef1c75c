-- Of these streams, those that have more than one event up to a position, and how many.
SELECT stream_id, max(stream_version)
FROM event_store_event
WHERE stream_id IN ({streams}) AND stream_version > 1 AND position <= ?
GROUP BY stream_id
