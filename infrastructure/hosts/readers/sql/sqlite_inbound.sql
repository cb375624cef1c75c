-- Which columns of other tables refer to a table.
SELECT m.name, f."from"
FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f
WHERE m.type = 'table' AND f."table" = ?
ORDER BY 1, 2
