-- Some bytes of the state at a position; the rest of it is not loaded.
SELECT restorelog_piece('event_store_event', 'state', rowid, ?, ?)
FROM event_store_event
WHERE position = ?
