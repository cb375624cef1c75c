-- The lowest and the highest id of a table.
SELECT min({id}), max({id}) FROM {table}
