-- Foreign keys of a single column; one that names no column refers to the primary key.
SELECT min(k."from"), min(k."table"),
       coalesce(min(k."to"), (SELECT name FROM pragma_table_info(k."table") WHERE pk = 1), 'id')
FROM pragma_foreign_key_list(?) AS k
GROUP BY k.id
HAVING count(*) = 1
ORDER BY k.id
