#!/bin/sh
# Installs bihuan from the folder of this script alone: sh install.sh [ENVIRONMENT]
# Nothing is asked over a network, and pip's own settings are not read. PYTHON chooses the
# interpreter. Every file is compared with SHA256SUMS, every wheel with the lock's hashes.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
venv="${1:-bihuan-venv}"
python="${PYTHON:-python3}"

(cd "$here" && sha256sum --quiet --check SHA256SUMS)
made_for="$(cat "$here/made-for")"
this="$("$python" -c 'import sys, sysconfig; print(sys.version.split()[0].rsplit(".", 1)[0], sysconfig.get_platform())')"
if [ "$made_for" != "$this" ]; then
    echo "these wheels are for Python and system $made_for, this is $this; make the wheelhouse on a machine like this one, or name another interpreter: PYTHON=/path/to/python sh install.sh" >&2
    exit 1
fi
"$python" -m venv "$venv"
pip() { "$venv/bin/python" -m pip --isolated --quiet --no-input --disable-pip-version-check "$@"; }
pip install --no-index --find-links "$here" --require-hashes --no-deps --only-binary :all: \
    -r "$here/requirements.lock"
pip install --no-index --no-deps "$here"/bihuan-*.whl
echo "installed: $venv/bin/bihuan; next: $venv/bin/bihuan init --help"
