-- The states of some events, from the first on, as long as they have no more than so many bytes
-- together.
SELECT event.position, event.state
FROM (
    SELECT position, sum(octet_length(state)) OVER (ORDER BY position) AS total
    FROM event_store_event
    WHERE position = ANY(%s)
) AS running
JOIN event_store_event AS event ON event.position = running.position
WHERE running.total <= %s
