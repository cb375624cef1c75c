-- Sums of the pieces of periods, by the number of the piece and a value; those that are to be taken
-- away from the others apart.
-- CROSS JOIN: SQLite then looks up each piece in the index, and does not do it the other way round.
WITH piece (number, taken, grain, begins, ends) AS (VALUES {pieces})
SELECT piece.number, piece.taken, {value},
       sum(sums.completed), sum(sums.partial), sum(sums.failed),
       sum(sums.cancelled), sum(sums.other), sum(sums.passed), sum(sums.refuted),
       sum(sums.negative), sum(sums.missing), sum(sums.seconds), {durations}
  FROM piece CROSS JOIN statistics_restoresums AS sums
 WHERE sums.dimension = %s AND sums.grain = piece.grain
   AND sums.begins >= piece.begins AND sums.begins < piece.ends
   AND sums.origin IN ({origins}) {conditions}
 GROUP BY piece.number, piece.taken, {value}
