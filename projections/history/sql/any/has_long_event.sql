-- An event between two positions whose state is longer than so many bytes.
SELECT position FROM event_store_event
WHERE position > %s AND position <= %s AND length(state) > %s
LIMIT 1
