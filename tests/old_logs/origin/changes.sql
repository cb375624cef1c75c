-- What the host's owner did between the two imports.
UPDATE database_management_restorelog SET status = 'completed', is_overwrite = 1, completed_at = '2023-01-12 09:30:00', updated_at = '2023-01-12 09:30:00' WHERE id = 7;
UPDATE system_backups_backuplog SET local_path = '/store/2.tar', updated_at = '2023-03-09 00:00:00' WHERE id = 2;
DELETE FROM database_management_restorelog WHERE id = 10;
