#!/bin/sh
# certificates.sh bootstrap: makes sure that there is some certificate, so that nginx can start.
# certificates.sh: makes sure that the right one is in force and not about to end.
# Prints `changed` when it put another one in force. A systemd timer runs it twice a day.
# Nothing secret is an argument of a program here: others could read it in the process list.
set -eu
umask 077
mode=letsencrypt
names='challenge.example.org auth.challenge.example.org git.challenge.example.org'
data=/var/lib/diychallenge/brain-tissue
root=/opt/diychallenge/brain-tissue
nginx=diychallenge-brain-tissue-nginx
certificates=$data/certificates # what nginx sees: `current` leads to one of its folders
authority=$data/authority       # only where we sign ourselves; nothing but this script reads it
secrets=$root/secrets/proxy
reader=101 # nginx in its container
renew_before_days=30
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

in_force() { # FULLCHAIN PRIVKEY: put copies of them in force as a whole, if they are others
  if cmp -s "$1" "$certificates/current/fullchain.pem" &&
    cmp -s "$2" "$certificates/current/privkey.pem"; then
    return
  fi
  folder=$(mktemp -d "$certificates/$(date --utc +%Y%m%dT%H%M%SZ).XXXXXX")
  cp "$1" "$folder/fullchain.pem"
  cp "$2" "$folder/privkey.pem"
  chown -R "$reader:$reader" "$folder"
  ln -s "$(basename "$folder")" "$folder.link"
  mv -T "$folder.link" "$certificates/current"
  find "$certificates" -mindepth 1 -maxdepth 1 -type d ! -path "$folder" -exec rm -rf {} +
  reload
  echo changed
}

reload() { # drops no connection; before the first start there is nothing to reload
  if [ "$(docker inspect --format '{{.State.Running}}' "$nginx" 2> /dev/null)" = true ]; then
    docker exec "$nginx" nginx -c /etc/diychallenge/nginx/nginx.conf -s reload
  fi
}

trust() { # what programs behind the proxy believe when they call it by its public names
  cat /etc/ssl/certs/ca-certificates.crt > "$work/ca.pem"
  case $mode in
    letsencrypt) ;;
    self-signed) cat "$authority/ca.pem" >> "$work/ca.pem" ;;
    *) cat "$certificates/current/fullchain.pem" >> "$work/ca.pem" ;;
  esac
  if cmp -s "$work/ca.pem" "$root/trust/ca.pem"; then return; fi
  install -d -m 0755 "$root/trust"
  install -m 0644 "$work/ca.pem" "$root/trust/ca.pem.new"
  mv "$root/trust/ca.pem.new" "$root/trust/ca.pem"
  echo changed
}

has_one() {
  [ -f "$certificates/current/fullchain.pem" ] && [ -f "$certificates/current/privkey.pem" ]
}

is_good() { # the one in force is not near its end, and names what is to be named
  has_one || return 1
  chain=$certificates/current/fullchain.pem
  openssl x509 -in "$chain" -noout -checkend $((renew_before_days * 86400)) > /dev/null || return 1
  named=$(openssl x509 -in "$chain" -noout -ext subjectAltName | tr ',' '\n' |
    sed -n 's/^ *DNS://p' | LC_ALL=C sort)
  # shellcheck disable=SC2086 # the names are words
  [ "$named" = "$(printf '%s\n' $names | LC_ALL=C sort)" ]
}

ensure_authority() {
  [ ! -f "$authority/ca.pem" ] || return 0
  install -d -m 0700 "$authority"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 \
    -subj "/CN=Authority of ${names%% *}" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout "$authority/ca.key" -out "$authority/ca.pem.new" 2> /dev/null
  mv "$authority/ca.pem.new" "$authority/ca.pem"
}

sign() {
  ensure_authority
  # shellcheck disable=SC2086 # the names are words
  listed=$(printf 'DNS:%s,' $names)
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc \
    -subj "/CN=${names%% *}" -keyout "$work/privkey.pem" -out "$work/request.pem" 2> /dev/null
  printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' \
    "${listed%,}" > "$work/extensions"
  openssl x509 -req -in "$work/request.pem" -CA "$authority/ca.pem" -CAkey "$authority/ca.key" \
    -set_serial "0x$(openssl rand -hex 16)" -days 397 -extfile "$work/extensions" \
    -out "$work/leaf.pem" 2> /dev/null
  cat "$work/leaf.pem" "$authority/ca.pem" > "$work/fullchain.pem"
  in_force "$work/fullchain.pem" "$work/privkey.pem"
}

from_files() {
  of_certificate=$(openssl x509 -in "$secrets/tls-certificate" -noout -pubkey)
  of_key=$(openssl pkey -in "$secrets/tls-key" -pubout)
  if [ "$of_certificate" != "$of_key" ]; then
    echo "server.tls: the key is not that of the certificate: put the pair that belongs together" \
      "into the files that challenge.yaml names, and deploy again" >&2
    exit 1
  fi
  in_force "$secrets/tls-certificate" "$secrets/tls-key"
}

from_authority() {
  state=$data/letsencrypt
  settings=$work/certbot.ini
  cat > "$settings" <<'END'
non-interactive = true
agree-tos = true
keep-until-expiring = true
renew-with-new-domains = true
key-type = ecdsa
authenticator = webroot
cert-name = platform
email = admin@example.org
END
  {
    echo "webroot-path = $data/acme"
    echo "domains = $(echo "$names" | tr ' ' ',')"
    echo "config-dir = $state"
    echo "work-dir = $state/work"
    echo "logs-dir = $state/logs"
    if [ -f "$secrets/tls-eab-hmac-key" ]; then
      echo "eab-hmac-key = $(cat "$secrets/tls-eab-hmac-key")"
    fi
  } >> "$settings"
  if [ -f "$secrets/tls-authority" ]; then
    export REQUESTS_CA_BUNDLE="$secrets/tls-authority"
  fi
  umask 022 # nginx reads what is answered to the authority; certbot keeps its keys to itself
  if ! certbot certonly --config "$settings" > "$work/said" 2>&1; then
    tail -n 15 "$work/said" >&2
    exit 1
  fi
  umask 077
  in_force "$state/live/platform/fullchain.pem" "$state/live/platform/privkey.pem"
}

case ${1:-renew}.$mode in
  *.files) from_files ;;
  *.self-signed) is_good || sign ;;
  bootstrap.*) has_one || sign ;;
  *) from_authority ;;
esac
trust
