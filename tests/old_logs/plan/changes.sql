-- What the host's owner did between the two imports.
UPDATE database_management_restorelog SET name = 'renamed in the host', status = 'completed', completed_at = '2022-02-03 12:30:00', updated_at = '2022-02-03 12:30:00' WHERE id = 6;
DELETE FROM database_management_restorelog WHERE id = 8;
ALTER TABLE system_backups_restorelog ADD COLUMN target_database varchar(100) NOT NULL DEFAULT '';
