-- An event between two positions whose state is not too long and has these bytes in it.
SELECT position FROM event_store_event
WHERE position > %s AND position <= %s AND length(state) <= %s AND instr(state, %s) > 0
LIMIT 1
