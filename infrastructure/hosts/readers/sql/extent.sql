-- How far a table reaches.
SELECT count(*), min({id}), max({id}) FROM {table}
