-- A host with the columns of the product that the plan was written for, in SQLite.
CREATE TABLE django_migrations (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied datetime NOT NULL);
INSERT INTO django_migrations VALUES (1, 'contenttypes', '0001_initial', '2020-08-19 16:45:31.902117');
CREATE TABLE users_user (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, email varchar(254) NOT NULL UNIQUE, username varchar(150) NOT NULL);
INSERT INTO users_user VALUES (1, 'root@example.org', 'root'), (3, 'lía@example.org', 'lía'), (4, 'cron@example.org', 'cron');

CREATE TABLE database_management_backuplog (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, backup_type varchar(20) NOT NULL, backup_method varchar(20) NOT NULL, status varchar(20) NOT NULL, database_name varchar(100) NOT NULL, compression varchar(20) NOT NULL, started_at datetime NOT NULL, completed_at datetime, duration_seconds integer unsigned, file_path varchar(500), file_size bigint, message text NOT NULL, is_encrypted bool NOT NULL, retention_days integer unsigned NOT NULL, expiry_date date, created_by_id bigint REFERENCES users_user (id), created_at datetime NOT NULL, updated_at datetime NOT NULL);
INSERT INTO database_management_backuplog VALUES
 (1, 'tickets, nightly', 'full', 'automatic', 'completed', 'tickets', 'gzip', '2023-01-05 02:00:00', '2023-01-05 02:11:00', 660, '/dumps/tickets.gz', 734003200, '', 0, 30, '2023-02-04', 4, '2023-01-05 02:00:00', '2023-01-05 02:11:00'),
 (2, 'tickets, encrypted', 'full', 'manual', 'completed', 'tickets', 'zstd', '2023-01-06 02:00:00.25', '2023-01-06 02:12:00', 719, '/dumps/tickets.zst.age', 0, 'key 4', 1, 365, NULL, 3, '2023-01-06 02:00:00', '2023-01-06 02:12:00'),
 (5, 'wiki, did not end', 'full', 'manual', 'failed', 'wiki', 'none', '2023-01-07 02:00:00', NULL, NULL, NULL, NULL, 'killed', 0, 30, '2023-02-06', NULL, '2023-01-07 02:00:00', '2023-01-07 02:00:00');

CREATE TABLE system_backups_backuplog (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, configuration_id bigint, schedule_id bigint, backup_type varchar(20) NOT NULL, trigger_type varchar(20) NOT NULL, status varchar(20) NOT NULL, storage_location varchar(20) NOT NULL, started_at datetime NOT NULL, completed_at datetime, duration_seconds integer unsigned, local_path varchar(500), cloud_url varchar(500), file_size bigint, message text NOT NULL, is_encrypted bool NOT NULL, is_compressed bool NOT NULL, compression_type varchar(20) NOT NULL, expiry_date date, created_by_id bigint REFERENCES users_user (id), created_at datetime NOT NULL, updated_at datetime NOT NULL);
INSERT INTO system_backups_backuplog VALUES
 (1, 'both places', 1, NULL, 'full', 'manual', 'completed', 'both', '2023-03-01 03:00:00', '2023-03-01 03:50:00', 3000, '/store/1.tar', 's3://bucket/1.tar', 5368709120, '', 1, 1, 'gzip', '2024-03-01', 1, '2023-03-01 03:00:00', '2023-03-01 03:50:00'),
 (2, 'the cloud only', 1, 7, 'full', 'automatic', 'completed', 'cloud', '2023-03-02 03:00:00', '2023-03-02 03:50:00', 3000, NULL, 's3://bucket/2.tar', 5368709121, '', 1, 1, 'gzip', NULL, 4, '2023-03-02 03:00:00', '2023-03-02 03:50:00'),
 (3, 'nowhere, it failed', NULL, 7, 'files', 'automatic', 'failed', 'local', '2023-03-03 03:00:00', NULL, NULL, NULL, NULL, NULL, 'no space', 0, 0, '', '2023-04-02', 4, '2023-03-03 03:00:00', '2023-03-03 03:00:09');

CREATE TABLE database_management_restorelog (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, source_backup_id bigint NOT NULL REFERENCES database_management_backuplog (id), restore_method varchar(20) NOT NULL, status varchar(20) NOT NULL, target_database varchar(100) NOT NULL, started_at datetime NOT NULL, completed_at datetime, duration_seconds integer unsigned, message text NOT NULL, is_overwrite bool NOT NULL, created_by_id bigint REFERENCES users_user (id), created_at datetime NOT NULL, updated_at datetime NOT NULL);
INSERT INTO database_management_restorelog VALUES
 (1, 'tickets over production', 1, 'manual', 'completed', 'tickets', '2023-01-08 09:00:00', '2023-01-08 09:31:00', 1860, 'replaced', 1, 3, '2023-01-08 09:00:00', '2023-01-08 09:31:00'),
 (2, 'tickets beside it', 2, 'manual', 'completed', 'tickets_copy', '2023-01-09 09:00:00.000007', '2023-01-09 09:31:00', 1859, '', 0, 3, '2023-01-09 09:00:00', '2023-01-09 09:31:00'),
 (3, 'no target said', 2, 'automatic', 'failed', '', '2023-01-10 09:00:00', '2023-01-10 09:00:01', 1, 'no such role', 1, 4, '2023-01-10 09:00:00', '2023-01-10 09:00:01'),
 (6, 'wiki, to be set right by a person', 5, 'recovery', 'completed', 'wiki', '2023-01-11 09:00:00', '2023-01-11 09:20:00', 1200, '', 1, NULL, '2023-01-11 09:00:00', '2023-01-11 09:20:00'),
 (7, 'wiki, said over by the host', 5, 'manual', 'pending', 'wiki', '2023-01-12 09:00:00', NULL, NULL, '', 0, 1, '2023-01-12 09:00:00', '2023-01-12 09:00:00'),
 (10, 'to be deleted in the host', 1, 'manual', 'cancelled', 'tickets', '2023-01-13 09:00:00', NULL, NULL, '', 1, 1, '2023-01-13 09:00:00', '2023-01-13 09:00:00');

CREATE TABLE system_backups_restorelog (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, source_backup_id bigint NOT NULL REFERENCES system_backups_backuplog (id), restore_type varchar(20) NOT NULL, trigger_type varchar(20) NOT NULL, status varchar(20) NOT NULL, started_at datetime NOT NULL, completed_at datetime, duration_seconds integer unsigned, message text NOT NULL, is_overwrite bool NOT NULL, created_by_id bigint REFERENCES users_user (id), created_at datetime NOT NULL, updated_at datetime NOT NULL);
INSERT INTO system_backups_restorelog VALUES
 (1, 'everything', 1, 'full', 'manual', 'completed', '2023-03-04 03:00:00', '2023-03-04 05:00:00', 7200, 'two hours', 1, 1, '2023-03-04 03:00:00', '2023-03-04 05:00:00'),
 (2, 'media from the cloud', 2, 'files', 'automatic', 'partial', '2023-03-05 03:00:00', '2023-03-05 05:00:00', 7200, '1 missing', 0, 4, '2023-03-05 03:00:00', '2023-03-05 05:00:00'),
 (4, 'a database', 2, 'database', 'manual', 'completed', '2023-03-06 03:00:00', '2023-03-06 03:05:00', 300, '', 1, 3, '2023-03-06 03:00:00', '2023-03-06 03:05:00'),
 (5, 'in vain', 3, 'custom', 'manual', 'failed', '2023-03-07 03:00:00', '2023-03-07 03:00:01', 1, 'nothing to restore', 0, NULL, '2023-03-07 03:00:00', '2023-03-07 03:00:01');
