-- Of these words those that no row has in their columns, and the words that rows have there. Those
-- of a column that lacks none are not read. `asked` has two parameters for each word: its column
-- and itself.
WITH asked (name, word) AS (VALUES {asked}),
missing AS (SELECT name, word FROM asked WHERE NOT CASE name {has_row} END)
SELECT name, word, true AS is_missing FROM missing
UNION ALL
{known}
