#!/bin/bash
# What the official image does that our stacks rely on: an empty folder becomes a database with the
# user, password and name of POSTGRES_*, passwords are required over the network, and a second
# start changes nothing.
set -euo pipefail

from_file() {
    local file="${1}_FILE"
    if [ -n "${!file:-}" ]; then
        if [ -n "${!1:-}" ]; then
            echo "error: both $1 and $file are set" >&2
            exit 1
        fi
        export "$1=$(cat "${!file}")"
    fi
    unset "$file"
}

if [ "${1:0:1}" = - ]; then
    set -- postgres "$@"
fi
if [ "$1" != postgres ]; then
    exec "$@"
fi
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chown -R postgres "$PGDATA" /var/run/postgresql
    chmod 0700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --clear-groups "$0" "$@"
fi

from_file POSTGRES_PASSWORD
from_file POSTGRES_USER
from_file POSTGRES_DB
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -z "${POSTGRES_PASSWORD:-}" ]; then
        echo "error: the database is empty and POSTGRES_PASSWORD is not set" >&2
        exit 1
    fi
    user=${POSTGRES_USER:-postgres}
    # The official image trusts local connections inside the container.
    initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --encoding=UTF8 \
        --auth-local=trust --auth-host=trust ${POSTGRES_INITDB_ARGS:-}
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    pg_ctl -D "$PGDATA" -w start -o "-c listen_addresses='' -p 5432"
    name=${POSTGRES_DB:-$user}
    if [ "$name" != postgres ]; then
        psql --username "$user" --dbname postgres --no-psqlrc -v ON_ERROR_STOP=1 -v name="$name" \
            <<< 'CREATE DATABASE :"name";'
    fi
    for file in /docker-entrypoint-initdb.d/*; do
        case "$file" in
            *.sql) psql --username "$user" --dbname "$name" -v ON_ERROR_STOP=1 -f "$file" ;;
            *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
        esac
    done
    pg_ctl -D "$PGDATA" -m fast -w stop
fi
unset POSTGRES_PASSWORD
grep -q '^listen_addresses' "$PGDATA/postgresql.conf" \
    || echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
exec "$@"
