#!/bin/sh
# Run once by the image of PostgreSQL, when it has made an empty cluster: makes the role and the database of the server.
# The role owns its database and may do nothing beyond it. The superuser loses its password: it can be used from within
# the container alone, over the socket.
set -eu
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
create role sentinel_pass login nosuperuser nocreatedb nocreaterole noreplication password :'password';
create database sentinel_pass owner sentinel_pass;
revoke all on database sentinel_pass from public;
alter role current_user password null;
SQL
