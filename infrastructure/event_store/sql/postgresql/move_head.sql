-- The new end of the log, under the head's lock.
UPDATE event_store_head SET position = %s, hash = %s, recorded_at = %s
