#!/bin/sh
# Makes $VENV hold exactly the hash-pinned lock and this source tree (editable).
# Two steps, because pip without --no-deps stumbles over the lock's "sqlalchemy[asyncio]", and
# without --no-build-isolation an editable install would fetch its build backend unpinned.
# A stamp holds the digests of both inputs: the second run costs milliseconds, a changed lock
# installs again, an interrupted run starts over.
set -eu
cd "$(dirname "$0")/.."
venv="${VENV:-.venv}"
stamp="$venv/.installed"

digest() { cksum <"$1" | tr ' ' '-'; }
lock="lock $(digest requirements.lock)"
project="project $(digest pyproject.toml) $(pwd)"

runs() { "$venv/bin/python" -m pip --version >/dev/null 2>&1; }
stamped() { [ -f "$stamp" ] && grep -qxF "$1" "$stamp"; }

create() {
    python="$(PYTHON="${PYTHON:-}" sh tools/python.sh)"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python has no ensurepip/venv, so no environment can be made with it." >&2
        echo "Debian and Ubuntu: apt install python3-venv. Or: make PYTHON=/path/to/another/python" >&2
        exit 1
    fi
    echo "creating $venv with $("$python" -V) …"
    "$python" -m venv --clear "$venv"
}

if stamped "$lock" && stamped "$project" && [ -x "$venv/bin/python" ]; then
    exit 0
fi
runs || create
if ! stamped "$lock"; then
    echo "installing requirements.lock (about a minute) …"
    rm -f "$stamp"
    "$venv/bin/python" -m pip install --quiet --no-input --require-hashes --no-deps \
        --only-binary :all: -r requirements.lock
fi
"$venv/bin/python" -m pip install --quiet --no-input --no-deps --no-build-isolation -e .
printf '%s\n%s\n' "$lock" "$project" >"$stamp"
