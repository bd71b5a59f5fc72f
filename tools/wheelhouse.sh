#!/bin/sh
# Makes dist/wheelhouse: every wheel that running needs, pinned and hashed, ours, and install.sh,
# which installs them on a machine without a network. Make it on a machine like that one: the same
# system, processor and Python (install.sh compares). Needs a package index; `make wheel` first.
set -eu
cd "$(dirname "$0")/.."
python="${VENV:-.venv}/bin/python"
house="dist/wheelhouse"
ours="$(ls dist/bihuan-*.whl)"

rm -rf "$house"
mkdir -p "$house"
"$python" tools/runtime_lock.py >"$house/requirements.lock"
"$python" -m pip download --quiet --no-input --require-hashes --no-deps --only-binary :all: \
    --dest "$house" -r "$house/requirements.lock"
cp "$ours" "$house/"
cp tools/wheelhouse_install.sh "$house/install.sh"
"$python" -c 'import sys, sysconfig; print(sys.version.split()[0].rsplit(".", 1)[0], sysconfig.get_platform())' \
    >"$house/made-for"
(cd "$house" && sha256sum ./*.whl requirements.lock install.sh made-for >SHA256SUMS)
echo "$house: $(ls "$house" | grep -c '\.whl$') wheels for Python and system $(cat "$house/made-for")"
