#!/usr/bin/env bash
# Debian's packages that some tests need and skip without: prometheus with promtool, libfaketime, dovecot (an IMAP server).
# Installs what is missing where it may (root, apt-get) and starts nothing. CI runs it before the tests; elsewhere it is
# yours to run.
set -euo pipefail
missing=()
for package in prometheus faketime dovecot-imapd; do
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0
if ! command -v apt-get >/dev/null || ((EUID != 0)); then
  echo "not installed: ${missing[*]}; tests that need them are skipped (as root on Debian: $0)"
  exit 0
fi
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy" # a package whose daemon may not start is installed all the same
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if { apt-get -o DPkg::Lock::Timeout=120 update -qq &&
  apt-get -o DPkg::Lock::Timeout=120 install -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  echo "installed: ${missing[*]}"
else
  tail -n 5 "$log"
  echo "not installed: ${missing[*]}; tests that need them are skipped"
fi
rm -f "$log"
