#!/usr/bin/env bash
# What each image would hold, as CycloneDX in dist/, without a container engine. `make images` writes what they do hold.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p dist
for part in ${SERVICE:-intake workflow capa notify analytics gateway ctl}; do
  tools/install.sh "$part" "$folder/$part"
  source=services/$part
  [[ $part == ctl ]] && source=deploy/ctl
  .venv/bin/cyclonedx-py environment --output-reproducible --pyproject "$source/pyproject.toml" \
    --output-file "dist/$part.cdx.json" "$folder/$part/bin/python"
  echo "dist/$part.cdx.json  $(grep -c '"purl"' "dist/$part.cdx.json") packages of others"
done
