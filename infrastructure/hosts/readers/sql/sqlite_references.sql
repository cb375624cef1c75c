-- A table's foreign keys of one column. `to` is NULL where the key refers to the primary key.
SELECT f."from", f."table", coalesce(f."to", p.name, 'id')
FROM pragma_foreign_key_list(?) AS f
LEFT JOIN pragma_table_info(f."table") AS p ON p.pk = 1
GROUP BY f.id
HAVING count(*) = 1
