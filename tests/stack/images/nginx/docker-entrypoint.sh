#!/bin/sh
# Like the official image's: programs of /docker-entrypoint.d first, then the command.
set -e
for program in /docker-entrypoint.d/*.sh; do
    [ -x "$program" ] && "$program"
done
exec "$@"
