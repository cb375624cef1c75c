-- What the engine says of each table that readers see, and of those that are being built.
SELECT label, state, scope, projector_version, position, hash, error
FROM engine_generation
WHERE state IN ('live', 'building')
