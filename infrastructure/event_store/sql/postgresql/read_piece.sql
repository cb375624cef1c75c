-- Some bytes of the state at a position.
SELECT substr(state, %s, %s)
FROM event_store_event
WHERE position = %s
