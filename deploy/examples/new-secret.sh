#!/bin/sh
# Prints the Secret that the chart reads, with fresh keys and passwords. Needs openssl only; nothing is written anywhere.
#   sh new-secret.sh [NAME] | kubectl -n NAMESPACE apply -f -
# Run twice it makes other secrets: keep what it printed in your vault. The password of your mail server is added by hand, as
# smtp-password. NATS' namespace needs the keys that end in -nats-password as well (docs/nats.md), PostgreSQL's the -db- and
# -migrate- ones.
set -eu
name=${1:-redress}
entry() { printf '  %s: %s\n' "$1" "$(printf '%s' "$2" | base64 | tr -d '\n')"; }
# A letter first: NATS would read a password of digits in its configuration as a number.
password() { printf 'p%s' "$(openssl rand -hex 24)"; }
printf 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\ntype: Opaque\ndata:\n' "$name"
for service in intake workflow capa notify analytics gateway; do
  entry "$service-db-password" "$(password)"
  entry "$service-migrate-password" "$(password)"
  entry "$service-nats-password" "$(password)"
  entry "$service-signing-key" "$(openssl genpkey -algorithm ed25519)"
done
entry provisioner-nats-password "$(password)"
entry sys-nats-password "$(password)"
entry intake-sealing-key "$(openssl rand -base64 32)"
entry gateway-key-pepper "$(openssl rand -hex 32)"
entry gateway-bootstrap-admin-key "$(password)"
