#!/bin/bash
# Runs the collector of transfers and sshd side by side; when either ends, both do, and the engine
# starts the container again.
set -u
install -d -m 0755 /run/sshd
/usr/sbin/sshd -t -f /etc/diychallenge/sshd/sshd_config || exit 1
python3 -I -u /usr/local/lib/diychallenge/transfers.py /srv/challenge/dev/log /var/log/sftp/transfers.log &
collector=$!
for _ in {1..100}; do
  [ ! -S /srv/challenge/dev/log ] || break
  sleep 0.1
done
/usr/sbin/sshd -D -e -f /etc/diychallenge/sshd/sshd_config &
server=$!
trap 'kill "$server" "$collector" 2> /dev/null' TERM INT
wait -n "$server" "$collector"
status=$?
kill "$server" "$collector" 2> /dev/null
wait
exit "$status"
