-- How far a table reaches.
SELECT min({id}), max({id}) FROM {table}
