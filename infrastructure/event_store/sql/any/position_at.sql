-- The last position recorded at or before a time; the time is given three times. Recorded times
-- never decrease, so each step halves what is searched, and finds its event by its position. From
-- the present on it is the log's end, even if the log's own time is ahead of the clock.
WITH RECURSIVE search (low, high) AS (
    SELECT CASE WHEN %s >= ({clock}) THEN position ELSE 0 END, position
    FROM event_store_head
    UNION ALL
    SELECT CASE WHEN event.recorded_at <= %s THEN event.position ELSE search.low END,
           CASE WHEN event.recorded_at <= %s THEN search.high ELSE event.position - 1 END
    FROM search
    JOIN event_store_event AS event ON event.position = (search.low + search.high + 1) / 2
    WHERE search.low < search.high
)
SELECT low FROM search WHERE low = high
