-- The texts of a row are replaced in the search index.
CREATE TRIGGER "{table}_search_changed" AFTER UPDATE ON "{table}"
WHEN old."{key}" <= (SELECT upto FROM "{table}_search_filled") AND {old_text} IS NOT {new_text}
BEGIN
    INSERT INTO "{table}_search" ("{table}_search", rowid, texts)
    SELECT 'delete', old."{key}", {old_text} WHERE {old_is_short};
    INSERT INTO "{table}_search" (rowid, texts)
    SELECT new."{key}", {new_text} WHERE {new_is_short};
END
