-- How many indexes there are of one column alone, over all rows.
SELECT count(*)
FROM pragma_index_list(?) AS i
WHERE i.partial = 0
  AND (SELECT group_concat(c.name) FROM pragma_index_info(i.name) AS c) = ?
