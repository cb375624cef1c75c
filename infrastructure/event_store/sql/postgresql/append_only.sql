-- The log is append-only: what is written stays as it is.
CREATE FUNCTION event_store_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER event_store_event_no_change BEFORE UPDATE OR DELETE ON event_store_event
    FOR EACH STATEMENT EXECUTE FUNCTION event_store_refuse();

CREATE TRIGGER event_store_event_no_truncate BEFORE TRUNCATE ON event_store_event
    FOR EACH STATEMENT EXECUTE FUNCTION event_store_refuse();

-- ALWAYS: also for a session that calls itself a replica.
ALTER TABLE event_store_event ENABLE ALWAYS TRIGGER event_store_event_no_change;
ALTER TABLE event_store_event ENABLE ALWAYS TRIGGER event_store_event_no_truncate;

-- States are read whole and hardly compress; kept in line, a replay reads fewer pages.
ALTER TABLE event_store_event ALTER COLUMN state SET STORAGE EXTERNAL;
