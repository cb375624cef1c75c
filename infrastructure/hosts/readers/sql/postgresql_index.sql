-- How many indexes there are of one column alone, over all rows.
SELECT count(*)
FROM pg_index AS i
JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = to_regclass(%s) AND i.indnkeyatts = 1 AND i.indpred IS NULL AND a.attname = %s
