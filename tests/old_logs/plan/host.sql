-- A host with the tables of the plan, as its owner made it in SQLite.
CREATE TABLE django_migrations (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied datetime NOT NULL);
INSERT INTO django_migrations VALUES (1, 'contenttypes', '0001_initial', '2020-02-03 09:14:07.318204');
CREATE TABLE auth_user (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, username varchar(150) NOT NULL UNIQUE, email varchar(254) NOT NULL);
INSERT INTO auth_user VALUES (2, 'ines', 'ines@example.org'), (5, 'tomé', 'tome@example.org'), (9, 'batch', '');

CREATE TABLE database_management_backuplog (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, backup_type varchar(20) NOT NULL, status varchar(20) NOT NULL, database_name varchar(100) NOT NULL, file_path varchar(500) NOT NULL, size_bytes bigint, created_at datetime NOT NULL, updated_at datetime NOT NULL);
INSERT INTO database_management_backuplog VALUES
 (1, 'ledger, full', 'full', 'completed', 'ledger', '/srv/dumps/ledger-1.dump', 7340033, '2021-05-02 01:00:00', '2021-05-02 01:07:31.004'),
 (2, 'ledger, changes', 'incremental', 'completed', 'ledger', '/srv/dumps/ledger-2.dump', 0, '2021-05-03 01:00:00.000001', '2021-05-03 01:00:02'),
 (4, 'stock', 'full', 'failed', 'stock', '', NULL, '2021-06-10 23:59:59.999999', '2021-06-11 00:03:00'),
 (7, 'nobody knows of what', 'full', 'completed', '', '/srv/dumps/7.dump', 17592186044415, '2022-01-01 00:00:00', '2022-01-01 00:00:00');

CREATE TABLE system_backups_backuplog (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, backup_type varchar(20) NOT NULL, status varchar(20) NOT NULL, database_name varchar(100) NOT NULL, file_path varchar(500) NOT NULL, size_bytes bigint, storage_location varchar(200) NOT NULL, created_at datetime NOT NULL, updated_at datetime NOT NULL);
INSERT INTO system_backups_backuplog VALUES
 (1, 'all of Friday', 'full', 'completed', 'payroll', '/vault/friday.tar', 99, 'vault', '2022-03-04 20:00:00', '2022-03-04 20:30:00'),
 (2, 'only files', 'files', 'completed', '', '/vault/files.tar', 4096, 'vault', '2022-03-05 20:00:00', '2022-03-05 20:30:00'),
 (3, 'crm', 'full', 'completed', 'crm', '/vault/crm.tar', NULL, '', '2022-03-06 20:00:00', '2022-03-06 20:30:00.5');

CREATE TABLE database_management_restorelog (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, source_backup_id bigint REFERENCES database_management_backuplog (id), restore_method varchar(20) NOT NULL, status varchar(20) NOT NULL, target_database varchar(100) NOT NULL, started_at datetime, completed_at datetime, duration_seconds integer unsigned, message text NOT NULL, created_by_id integer REFERENCES auth_user (id), created_at datetime NOT NULL, updated_at datetime NOT NULL);
INSERT INTO database_management_restorelog VALUES
 (1, 'ledger before the audit', 1, 'manual', 'completed', 'ledger_copy', '2021-05-04 08:00:00', '2021-05-04 08:04:09', 249, 'done', 2, '2021-05-04 07:59:58.5', '2021-05-04 08:04:09.25'),
 (2, 'ledger again', 2, 'recovery', 'failed', 'ledger', '2021-05-05 08:00:00.000001', '2021-05-05 08:00:01', 0, 'ERROR: disk full
HINT: free some', 5, '2021-05-05 08:00:00', '2021-05-05 08:00:01'),
 (3, 'target left open', 1, 'manual', 'completed', '', '2021-05-06 10:00:00', '2021-05-06 10:10:00', 600, '', NULL, '2021-05-06 09:59:00', '2021-05-06 10:10:00'),
 (4, 'target left open, of an unknown database', 7, 'automatic', 'completed', '', '2022-01-02 10:00:00', '2022-01-02 10:10:00', 600, 'ok', 9, '2022-01-02 10:00:00', '2022-01-02 10:10:00'),
 (5, 'no backup is known', NULL, 'manual', 'pending', 'stock', NULL, NULL, NULL, '', 2, '2022-02-02 12:00:00', '2022-02-02 12:00:00'),
 (6, 'to be renamed in the host', 4, 'automatic', 'in_progress', 'stock', '2022-02-03 12:00:00', NULL, NULL, 'running', 9, '2022-02-03 12:00:00', '2022-02-03 12:00:00'),
 (8, 'to be deleted in the host', 4, 'automatic', 'cancelled', 'stock', '2022-02-04 12:00:00', '2022-02-04 12:00:30', 30, '', 9, '2022-02-04 12:00:00', '2022-02-04 12:00:30'),
 (11, 'ŝanĝita 🗄 "quoted"', 2, 'manual', 'completed', 'ledger', '2022-02-05 12:00:00', '2022-02-05 11:00:00', 12, '\N', 5, '2022-02-05 12:00:00', '2022-02-05 12:00:30');

CREATE TABLE system_backups_restorelog (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, source_backup_id bigint REFERENCES system_backups_backuplog (id), restore_type varchar(20) NOT NULL, trigger_type varchar(20) NOT NULL, status varchar(20) NOT NULL, started_at datetime, completed_at datetime, duration_seconds integer unsigned, is_overwrite bool NOT NULL, message text NOT NULL, created_by_id integer REFERENCES auth_user (id), created_at datetime NOT NULL, updated_at datetime NOT NULL);
INSERT INTO system_backups_restorelog VALUES
 (1, 'payroll for testers', 1, 'database', 'manual', 'completed', '2022-03-07 08:00:00', '2022-03-07 08:20:00', 1200, 1, 'done', 2, '2022-03-07 08:00:00', '2022-03-07 08:20:00'),
 (2, 'some files', 2, 'files', 'manual', 'partial', '2022-03-08 08:00:00', '2022-03-08 08:20:00', 1200, 0, '3 of 4', 5, '2022-03-08 08:00:00', '2022-03-08 08:20:00'),
 (3, 'crm, whole', 3, 'full', 'automatic', 'completed', '2022-03-09 08:00:00', '2022-03-09 08:20:00.123456', 1200, 1, '', NULL, '2022-03-09 08:00:00', '2022-03-09 08:20:00'),
 (5, 'crm, again', 3, 'database', 'recovery', 'failed', '2022-03-10 08:00:00', '2022-03-10 08:00:05', 5, 0, 'wrong password', 9, '2022-03-10 08:00:00', '2022-03-10 08:00:05'),
 (6, 'without a backup', NULL, 'custom', 'manual', 'pending', NULL, NULL, NULL, 0, '', 2, '2022-03-11 08:00:00', '2022-03-11 08:00:00');
