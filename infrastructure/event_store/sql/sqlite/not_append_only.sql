-- Takes back append_only.sql.
DROP TRIGGER event_store_event_no_update;
DROP TRIGGER event_store_event_no_delete;
DROP TRIGGER event_store_event_no_replace;
