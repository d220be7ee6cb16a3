#!/usr/bin/env bash
# install.sh PART FOLDER: a fresh environment with a service (or ctl) and what it needs, and nothing else: what its image has.
set -euo pipefail
cd "$(dirname "$0")/.."
part=$1 folder=$2
sources=(proto services/chassis "services/$part")
[[ $part == ctl ]] && sources=(proto deploy/ctl)
uv=(.venv/bin/uv pip install --quiet --python "$folder/bin/python")
.venv/bin/uv venv --quiet --python .venv/bin/python "$folder"
"${uv[@]}" --require-hashes --requirements "${sources[-1]}/requirements.lock"
# uv would take a wheel of before for ours, as long as its pyproject.toml has not changed.
"${uv[@]}" --no-deps --no-sources --build-constraints services/build-tools.lock \
  --refresh-package redress-contracts --refresh-package redress-chassis --refresh-package "redress-$part" \
  "${sources[@]/#/./}"
# Where ours was built is nobody's business: a bill of materials would tell.
find "$folder" -path '*/redress_*/direct_url.json' -delete
.venv/bin/uv pip check --quiet --python "$folder/bin/python"
