-- Databases, roles and rights of all services, for psql 15 or newer against PostgreSQL 18:
--   psql -X -f roles.sql "host=... user=postgres dbname=postgres sslmode=verify-full"
-- Passwords come from the environment: INTAKE_DB_PASSWORD (role intake), INTAKE_MIGRATE_PASSWORD (role intake_owner), and
-- so on for each service; a missing one stops the script. Safe to run again: that is how a password is changed.
\set ON_ERROR_STOP on
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;

\set role intake
\unset password
\unset owner_password
\getenv password INTAKE_DB_PASSWORD
\getenv owner_password INTAKE_MIGRATE_PASSWORD
\ir service.psql

\set role workflow
\unset password
\unset owner_password
\getenv password WORKFLOW_DB_PASSWORD
\getenv owner_password WORKFLOW_MIGRATE_PASSWORD
\ir service.psql

\set role capa
\unset password
\unset owner_password
\getenv password CAPA_DB_PASSWORD
\getenv owner_password CAPA_MIGRATE_PASSWORD
\ir service.psql

\set role notify
\unset password
\unset owner_password
\getenv password NOTIFY_DB_PASSWORD
\getenv owner_password NOTIFY_MIGRATE_PASSWORD
\ir service.psql

\set role analytics
\unset password
\unset owner_password
\getenv password ANALYTICS_DB_PASSWORD
\getenv owner_password ANALYTICS_MIGRATE_PASSWORD
\ir service.psql

\set role gateway
\unset password
\unset owner_password
\getenv password GATEWAY_DB_PASSWORD
\getenv owner_password GATEWAY_MIGRATE_PASSWORD
\ir service.psql
