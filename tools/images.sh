#!/usr/bin/env bash
# Builds the images and says what they weigh; docs/images.md tells what ENGINE, SERVICE, TAG, REGISTRY, BASE, RUNTIME,
# PIP_CONF, CA and ARGS are for.
set -euo pipefail
cd "$(dirname "$0")/.."
all=(intake workflow capa notify analytics gateway ctl)
tag=${TAG:-$(sed -n 's/^version = "\(.*\)"/\1/p' services/gateway/pyproject.toml)}

answers() {
  case $1 in
    docker) docker version ;;
    podman) podman info ;;
    *) "$1" --version ;;
  esac >/dev/null 2>&1
}

first_engine() {
  for engine in docker podman buildah; do
    if answers "$engine"; then
      echo "$engine"
      return
    fi
  done
  echo "no engine answers: start docker, or install podman or buildah (ENGINE= names another)" >&2
  exit 1
}

engine=${ENGINE:-$(first_engine)}
options=(--file services/Dockerfile --build-arg "VERSION=$tag"
  --build-arg "REVISION=$(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)"
  ${BASE:+--build-arg "BASE=$BASE"} ${RUNTIME:+--build-arg "RUNTIME=$RUNTIME"}
  ${PIP_CONF:+--secret "id=pip.conf,src=$PIP_CONF"} ${CA:+--secret "id=ca.crt,src=$CA"})
read -ra more <<<"${ARGS:-}"
# Only the format of docker keeps HEALTHCHECK.
[[ $engine == docker ]] && export DOCKER_BUILDKIT=1 || options+=(--format docker)

build() { "$engine" build "${options[@]}" "${more[@]}" "$@" .; }

# The bill as it is in the image; buildah, which has no container to copy from, builds the stage that holds it.
bill() {
  mkdir -p dist
  if [[ $engine == *buildah ]]; then
    build "${particular[@]}" --target sbom --output type=local,dest=dist
    return
  fi
  local container
  container=$("$engine" create "$image") &&
    "$engine" cp "$container:/usr/share/redress/sbom.cdx.json" "dist/$service.cdx.json" &&
    "$engine" rm "$container"
}

for service in ${SERVICE:-"${all[@]}"}; do
  image=${REGISTRY:+$REGISTRY/}redress-$service:$tag particular=(--build-arg "SERVICE=$service" --target service)
  if [[ $service == ctl ]]; then
    particular=(--build-arg SERVICE=ctl --build-arg MODULE=redressctl --target ctl
      --build-arg LIBRARY=deploy/ctl --build-arg SOURCE=deploy/ctl)
  fi
  log=$(mktemp) began=$SECONDS
  if ! { build "${particular[@]}" --tag "$image" && bill; } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "$image was not built; all of it is told in $log" >&2
    exit 1
  fi
  rm "$log"
  size=$("$engine" images --format '{{.Size}}' "$image" | head -n 1)
  echo "$image  $size  $((SECONDS - began)) s  dist/$service.cdx.json"
done
