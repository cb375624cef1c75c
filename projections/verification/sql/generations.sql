-- What the engine says of each table that readers see.
SELECT label, scope, position, hash, error
FROM engine_generation
WHERE state = 'live'
