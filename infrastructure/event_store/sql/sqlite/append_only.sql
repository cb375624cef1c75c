-- The log is append-only: what is written stays as it is.
CREATE TRIGGER event_store_event_no_update BEFORE UPDATE ON event_store_event
BEGIN
    SELECT RAISE(ABORT, 'the event log is append-only');
END;

CREATE TRIGGER event_store_event_no_delete BEFORE DELETE ON event_store_event
BEGIN
    SELECT RAISE(ABORT, 'the event log is append-only');
END;

-- INSERT OR REPLACE deletes what is in its way, and without the pragma recursive_triggers it
-- does so without firing the trigger above. So nothing that exists may be inserted again.
CREATE TRIGGER event_store_event_no_replace BEFORE INSERT ON event_store_event
WHEN EXISTS (SELECT 1 FROM event_store_event WHERE position = NEW.position)
  OR EXISTS (SELECT 1 FROM event_store_event
             WHERE stream_id = NEW.stream_id AND stream_version = NEW.stream_version)
BEGIN
    SELECT RAISE(ABORT, 'UNIQUE constraint failed: an event stands there already');
END;
