#!/bin/sh
# Makes the certificates of the tests anew; keys of the authorities are thrown away.
#   ca.pem          signs the three below
#   server          127.0.0.1, ::1, localhost
#   expired         the same names, ended in 2021
#   wrong-host      example.invalid
#   client-ca.pem   signs `client`, for the relay to verify clients with
#   encrypted.key   the key of `server`, with a password
#   other-ca.pem    an authority that has signed nothing here
# All but `expired` hold from 2020 to 2120.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# `openssl ca` because it is the one that takes dates (OpenSSL 3.0).
cat > "$work/ca.conf" <<CONF
[ca]
default_ca = test
[test]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = policy
[policy]
commonName = supplied
CONF

sign() { # name, subject, last day, extensions; more options for `openssl ca`
  name=$1 subject=$2 last_day=$3 extensions=$4
  shift 4
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$name.key"
  openssl req -new -key "$work/$name.key" -subj "/CN=$subject" -out "$work/$name.csr"
  echo "$extensions" > "$work/extensions"
  : > "$work/index.txt"
  openssl ca -batch -notext -config "$work/ca.conf" -extfile "$work/extensions" \
    -startdate 20200101000000Z -enddate "${last_day}000000Z" -in "$work/$name.csr" \
    -out "$name.pem" "$@"
}

authority() { # name, subject
  sign "$1" "$2" 21200101 'basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash' -selfsign -keyfile "$work/$1.key"
}

server() { # name, last day, subjectAltName
  sign "$1" "cc-relay test $1" "$2" "basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = $3" -cert ca.pem -keyfile "$work/ca.key"
  install -m 644 "$work/$1.key" "$1.key"
}

here=IP:127.0.0.1,IP:::1,DNS:localhost
authority ca 'cc-relay test authority'
authority other-ca 'cc-relay other test authority'
server server 21200101 "$here"
server expired 20210101 "$here"
server wrong-host 21200101 DNS:example.invalid
authority client-ca 'cc-relay test authority of clients'
sign client 'cc-relay test client' 21200101 'basicConstraints = critical,CA:FALSE
extendedKeyUsage = clientAuth' -cert client-ca.pem -keyfile "$work/client-ca.key"
install -m 644 "$work/client.key" client.key
openssl pkey -in server.key -aes256 -passout pass:secret -out encrypted.key
