-- A table's columns in order: name, type, whether NULL is allowed, whether they are computed.
SELECT name, type, "notnull" = 0, hidden > 1
FROM pragma_table_xinfo(?)
WHERE hidden <> 1
ORDER BY cid
