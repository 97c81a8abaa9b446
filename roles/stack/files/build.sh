#!/bin/sh
# build.sh REFERENCE FOLDER: builds an image from FOLDER/Dockerfile, unless the host has one of
# that name which was made of the same files and the same base, or which was loaded by hand.
# Prints `built` when it built. Works with BuildKit and without.
set -eu
reference=$1 folder=$2
label=org.diychallenge.made-of

made_of() {
  {
    find "$folder" -type f | LC_ALL=C sort | while read -r file; do
      printf '%s ' "${file#"$folder"}"; sha256sum < "$file"
    done
    sed -n 's/^FROM \([^ ]*\).*/\1/p' "$folder/Dockerfile" | while read -r base; do
      docker image inspect --format '{{.Id}}' "$base" 2> /dev/null || echo "$base"
    done
  } | sha256sum | cut -d ' ' -f 1
}

wanted=$(made_of)
if found=$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$reference" 2> /dev/null); then
  case $found in
    "$wanted") echo 'at hand'; exit 0 ;;
    '' | '<no value>') echo 'loaded by hand'; exit 0 ;;
  esac
fi
docker build --quiet --label "$label=$wanted" --tag "$reference" "$folder" > /dev/null
echo built
