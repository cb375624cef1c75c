-- How many rows of one kind were re-pointed.
SELECT count(*)
FROM restorelog_repointed_row AS r
WHERE r.step = {step} AND r.pointer = '{pointer}' AND r.kind = '{kind}' AND r.what <> 'there'
