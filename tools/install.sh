#!/usr/bin/env bash
# install.sh PART FOLDER [FROM]: a fresh environment with a service (or chassis, or ctl) and what it needs, and nothing else:
# what its image has. FROM, an environment of the chassis, saves a service most of the time: it is taken over by hard links.
set -euo pipefail
cd "$(dirname "$0")/.."
part=$1 folder=$2 from=${3:-}
case $part in
  chassis) sources=(proto services/chassis) ;;
  ctl) sources=(proto deploy/ctl) ;;
  *) sources=(proto services/chassis "services/$part") ;;
esac
last=${sources[-1]}
if [[ -n $from ]]; then
  cp --archive --link "$from" "$folder"
  sources=("$last")
else
  .venv/bin/uv venv --quiet --python .venv/bin/python "$folder"
fi
install=(.venv/bin/uv pip install --quiet --python "$folder/bin/python")
"${install[@]}" --require-hashes --requirements "$last/requirements.lock"
# Without refreshing uv would take a wheel of before for ours, as long as its pyproject.toml has not changed.
"${install[@]}" --no-deps --no-sources --build-constraints services/build-tools.lock \
  --refresh-package redress-contracts --refresh-package redress-chassis --refresh-package "redress-$part" \
  "${sources[@]/#/./}"
# Where ours was built is nobody's business: a bill of materials would tell.
find "$folder" -path '*/redress_*/direct_url.json' -delete
.venv/bin/uv pip check --quiet --python "$folder/bin/python"
