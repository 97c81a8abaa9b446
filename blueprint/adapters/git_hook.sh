#!/bin/sh
# The git hook for servers without Python (Gitea's image): tells the platform what is being pushed,
# prints the answer, decides nothing. Called as `git_hook.sh pre-receive` (or `post-receive`).
# It needs git, curl, and what POSIX and busybox have. See docs/reference/hook-protocol.md.
#
#   DIYCHALLENGE_SOCKET      the platform's Unix socket, or
#   DIYCHALLENGE_HOOK_URL    its address, with
#   DIYCHALLENGE_HOOK_TOKEN  a file that holds the token
#   DIYCHALLENGE_USERNAME, DIYCHALLENGE_TEAM  who pushes, and to whose repository
set -u
stage=$1
max_input=262144 max_refs=200 max_tags=2
max_listing=1048576 max_entries=5000 max_manifest=65536
export GIT_NO_REPLACE_OBJECTS=1 LC_ALL=C

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

is_zero() { case $1 in *[!0]*) return 1 ;; esac; }
size_of() { wc -c < "$1" | tr -d ' '; }
base64_of() { printf '"'; base64 < "$1" | tr -d '\n'; printf '"'; }
escaped() { printf '%s' "$1" | sed 's/["\\]/\\&/g'; }

listing_of() { # the files of a commit, unless there are far too many
  { timeout 10 git -c core.bigFileThreshold=1m ls-tree -rtlz --full-tree "$1"
    echo $? > "$work/status"; } 2> /dev/null | head -c $((max_listing + 1)) > "$work/listing"
  entries=$(tr -dc '\000' < "$work/listing" | wc -c)
  if [ "$(size_of "$work/listing")" -gt $max_listing ] || [ "$entries" -gt $max_entries ] ||
    [ "$(cat "$work/status")" -eq 124 ]; then
    printf '"listing": "", "listing_complete": false'
  elif [ "$(cat "$work/status")" -ne 0 ]; then
    printf '"listing": null, "listing_complete": false'
  else
    printf '"listing": '; base64_of "$work/listing"; printf ', "listing_complete": true'
  fi
}

manifest_of() {
  { timeout 10 git cat-file blob "$1:submission.yaml"
    echo $? > "$work/status"; } 2> /dev/null | head -c $((max_manifest + 1)) > "$work/manifest"
  if [ "$(size_of "$work/manifest")" -gt $max_manifest ]; then
    printf '"manifest": "", "manifest_complete": false'
  elif [ "$(cat "$work/status")" -ne 0 ]; then
    printf '"manifest": null, "manifest_complete": false'
  else
    printf '"manifest": '; base64_of "$work/manifest"; printf ', "manifest_complete": true'
  fi
}

tag_of() { # ref, id
  commit=$(git rev-parse --verify --quiet "$2^{commit}" 2> /dev/null) || commit=
  printf '{"ref": "%s", "commit": ' "$(escaped "$1")"
  if [ -z "$commit" ]; then printf 'null}'; return; fi
  printf '"%s"' "$commit"
  if [ "$stage" = pre-receive ]; then
    printf ', '; listing_of "$commit"; printf ', '; manifest_of "$commit"
  fi
  printf '}'
}

head -c $((max_input + 1)) > "$work/input"
complete=true refs=0 tags=0 closed=false names=
: > "$work/refs"
: > "$work/tags"
if [ "$(size_of "$work/input")" -gt $max_input ]; then complete=false; fi
while read -r old new ref; do
  refs=$((refs + 1))
  if [ $refs -gt $max_refs ]; then complete=false; break; fi
  if [ $refs -gt 1 ]; then printf ', ' >> "$work/refs"; fi
  printf '{"ref": "%s", "old": "%s", "new": "%s"}' "$(escaped "$ref")" "$old" "$new" \
    >> "$work/refs"
  case $ref in
    refs/tags/submission/*)
      closed=true
      if is_zero "$old" && ! is_zero "$new" && [ $tags -lt $max_tags ]; then
        tags=$((tags + 1)) names="${names:+$names, }${ref#refs/tags/}"
        if [ $tags -gt 1 ]; then printf ', ' >> "$work/tags"; fi
        tag_of "$ref" "$new" >> "$work/tags"
      fi ;;
    refs/tags/submission) closed=true ;;
    refs/heads/* | refs/tags/*) ;;
    *) closed=true ;;
  esac
done < "$work/input"

{
  printf '{"protocol": 2, "username": "%s", ' "$(escaped "${DIYCHALLENGE_USERNAME-}")"
  printf '"team": "%s", "refs": [' "$(escaped "${DIYCHALLENGE_TEAM-}")"
  cat "$work/refs"
  printf '], "refs_complete": %s, "tags": [' $complete
  cat "$work/tags"
  printf ']}'
} > "$work/report"

if [ -n "${DIYCHALLENGE_SOCKET-}" ]; then
  url=http://platform
  set -- --unix-socket "$DIYCHALLENGE_SOCKET"
else
  url=${DIYCHALLENGE_HOOK_URL-}
  set --
fi
# The token goes to curl over its standard input: no other process can read it there.
status=$(
  if [ -n "${DIYCHALLENGE_HOOK_TOKEN-}" ]; then
    printf 'header = "Authorization: Bearer %s"\n' "$(cat "$DIYCHALLENGE_HOOK_TOKEN")"
  fi | curl --config - --silent --noproxy '*' --max-time 20 --output "$work/answer" \
    --write-out '%{http_code}' --header 'Content-Type: application/json' \
    --data-binary "@$work/report" "$@" "$url/hook/v2/$stage" 2> /dev/null
)

case $status in
  200) cat "$work/answer"; exit 0 ;;
  409) cat "$work/answer"; exit 1 ;;
esac
if [ "$stage" != pre-receive ]; then
  if [ -n "$names" ]; then
    echo "stored: $names; but the platform did not answer: its receipt cannot be shown here"
    echo "  it is registered within a few minutes: look in the portal before you push again"
  fi
  exit 0
fi
if [ $closed = true ] || [ $complete = false ] || [ $refs -eq 0 ]; then
  echo "refused: the platform did not answer, so this submission could not be registered."
  echo "  Nothing was stored and no quota was used: please push it again in a minute."
  exit 1
fi
echo "The platform did not answer; your branches are stored all the same."
