-- A new row is added to the search index, if the index has been filled up to there.
CREATE TRIGGER "{table}_search_added" AFTER INSERT ON "{table}"
WHEN new."{key}" <= (SELECT upto FROM "{table}_search_filled") AND {new_is_short}
BEGIN
    INSERT INTO "{table}_search" (rowid, texts) VALUES (new."{key}", {new_text});
END
