-- A row is removed from the search index, which has to be told its texts.
CREATE TRIGGER "{table}_search_removed" AFTER DELETE ON "{table}"
WHEN old."{key}" <= (SELECT upto FROM "{table}_search_filled") AND {old_is_short}
BEGIN
    INSERT INTO "{table}_search" ("{table}_search", rowid, texts)
    VALUES ('delete', old."{key}", {old_text});
END
