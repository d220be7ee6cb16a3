#!/bin/sh
# Steps of services/Dockerfile that are longer than a line. Runs in its build stages, never in an image.
set -eu
epoch=315532800 # 1980, the first year a wheel can tell

# fetch VENV LOCK [pip options]: third party, by hash. The company's CA is there when the build was given one.
fetch() {
  venv=$1 lock=$2
  shift 2
  test ! -e /run/secrets/ca.crt || export PIP_CERT=/run/secrets/ca.crt
  python -m pip --python "$venv/bin/python" install --quiet --no-compile --require-hashes -r "$lock" "$@"
}

# wheels FOLDER...: of our distributions, by the locked tools; nothing is fetched.
wheels() {
  for source in $(printf '%s\n' "$@" | sort -u); do
    SOURCE_DATE_EPOCH=$epoch python -m pip --python /tools/bin/python wheel --quiet \
      --no-deps --no-index --no-build-isolation --wheel-dir wheels "./$source"
  done
}

# ours MODULE: the wheels into /ours, and the entry point for `docker run redress-intake serve`.
ours() {
  python -m pip --python /app/bin/python install --quiet --no-compile --no-deps --no-index \
    --root /ours --prefix /app wheels/*
  find /ours -name direct_url.json -delete # where a wheel was built is nobody's business
  mkdir -p /ours/app/bin
  printf '#!/app/bin/python\nimport runpy\n\nrunpy.run_module("%s", run_name="__main__", alter_sys=True)\n' "$1" \
    >/ours/app/bin/redress
  chmod 755 /ours/app/bin/redress
}

# settle ROOT: bytecode that never looks for its source again, and one date: the same sources give the same layer.
settle() {
  mkdir -p "$1/app"
  [ "$1" = /app ] || strip="-s $1 -p /"
  python -m compileall -q -f -j 0 --invalidation-mode unchecked-hash ${strip:-} "$1"
  find "$1" -exec touch --no-dereference --date "@$epoch" {} +
}

# bill SOURCE: a component for every distribution that is there, as CycloneDX. Fails when one lacks what it needs.
bill() {
  printf '%s\n' /particular/app/lib/python*/site-packages /ours/app/lib/python*/site-packages \
    >"$(echo /app/lib/python*/site-packages)/bill.pth" # of this stage only: the image takes /app as it was before
  python -m pip --python /app/bin/python check >&2
  /tools/bin/cyclonedx-py environment --output-reproducible --pyproject "$1/pyproject.toml" /app/bin/python
}

"$@"
