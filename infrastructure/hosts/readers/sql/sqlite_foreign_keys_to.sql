-- Foreign keys to a table: their table and first column, the column that it refers to, how many
-- columns the key has, and whether the column is the whole primary key of its table.
SELECT
    m.name,
    f."from",
    coalesce(f."to", (SELECT p.name FROM pragma_table_info(f."table") AS p WHERE p.pk = 1)),
    (SELECT count(*) FROM pragma_foreign_key_list(m.name) AS g WHERE g.id = f.id),
    (
        SELECT count(*) = 1 AND min(p.name) = f."from"
        FROM pragma_table_info(m.name) AS p WHERE p.pk > 0
    )
FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f
WHERE m.type = 'table' AND f."table" = ? COLLATE NOCASE AND f.seq = 0
ORDER BY 1, 2
