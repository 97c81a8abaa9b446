#!/bin/sh
# refresh.sh PROJECT ROOT SERVICE SECONDS RELOADED [COMMAND...]: restarts each container of a
# Compose project that is older than a file below ROOT that is mounted into it: configuration or
# secret. The container of the Compose service RELOADED is not restarted: COMMAND is run in it.
# Prints `refreshed NAME` for each. What was cut off before it came here is found the next time.
set -eu
project=$1 root=$2 service=$3 seconds=$4 reloaded=$5
shift 5
list=$(mktemp)
trap 'rm -f "$list"' EXIT

mounted() { # ID: what it sees of ROOT, a line each
  docker inspect --format '{{range .Mounts}}{{println .Source}}{{end}}' "$1" | while read -r path; do
    case $path in "$root"/*) printf '%s\n' "$path" ;; esac
  done
}

since() { # NAME ID: when it read its files last
  stamp=$root/.reloaded.$1
  started=$(docker inspect --format '{{.State.StartedAt}}' "$2")
  if [ -f "$stamp" ] && [ -n "$(find "$stamp" -newermt "$started")" ]; then
    date --utc --reference="$stamp" +%Y-%m-%dT%H:%M:%S.%NZ
  else
    echo "$started"
  fi
}

is_stale() { # NAME ID
  moment=$(since "$1" "$2")
  mounted "$2" | while read -r path; do
    [ -z "$(find "$path" -newermt "$moment" -print -quit)" ] || echo stale
  done | grep -q stale
}

docker ps --no-trunc --filter "label=com.docker.compose.project=$project" --filter status=running \
  --format '{{.Label "com.docker.compose.service"}} {{.ID}}' | sort > "$list"
again=no
while read -r name id <&3; do
  is_stale "$name" "$id" || continue
  if [ "$name" = "$reloaded" ] && [ $# -gt 0 ]; then
    : > "$root/.reloading.$name"
    docker exec "$id" "$@" < /dev/null
    mv "$root/.reloading.$name" "$root/.reloaded.$name"
  else
    docker restart "$id" > /dev/null
    again=yes
  fi
  echo "refreshed $name"
done 3< "$list"
if [ "$again" = yes ]; then
  docker compose --project-name "$project" --file "$root/$service/compose.yaml" up --detach \
    --no-recreate --pull never --wait --wait-timeout "$seconds" > /dev/null 2>&1 || {
    echo "$service is not healthy with the files that it has now" >&2
    exit 1
  }
fi
