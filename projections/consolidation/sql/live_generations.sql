-- What the engine knows of the tables that readers see.
SELECT id, label, scope, projector_version, position, hash, rows
FROM engine_generation
WHERE state = 'live'
