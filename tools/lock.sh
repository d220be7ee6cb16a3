#!/usr/bin/env bash
# Locks every third-party package with its hashes; no lock records an address. Run on purpose, never by CI.
set -euo pipefail
cd "$(dirname "$0")/.."
ours=(redress-contracts redress-chassis redress-stack)
common=(--quiet --universal --generate-hashes --no-header "${ours[@]/#/--no-emit-package=}")
.venv/bin/uv pip compile "${common[@]}" proto/pyproject.toml services/*/pyproject.toml deploy/stack/pyproject.toml \
  deploy/ctl/pyproject.toml pyproject.toml --group dev -o requirements.lock
# What an image holds, each part by itself; services/chassis is what all services have in common.
for part in services/{chassis,intake,workflow,capa,notify,analytics,gateway} deploy/ctl; do
  .venv/bin/uv pip compile "${common[@]}" -c requirements.lock "$part/pyproject.toml" -o "$part/requirements.lock"
done
.venv/bin/uv pip compile "${common[@]}" -c requirements.lock --group images -o services/build-tools.lock
