-- Takes back append_only.sql.
DROP TRIGGER event_store_event_no_change ON event_store_event;
DROP TRIGGER event_store_event_no_truncate ON event_store_event;
DROP FUNCTION event_store_refuse();
