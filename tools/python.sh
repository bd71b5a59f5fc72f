#!/bin/sh
# Prints the interpreter to build an environment with: $PYTHON, or the first on the PATH that is
# >=3.11,<3.15. A name on the PATH may be a shim of nothing, so each candidate is run, not looked at.
set -eu

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null
}

if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" && { echo "$PYTHON"; exit 0; }
    echo "PYTHON=$PYTHON does not run or is not >=3.11,<3.15; name another one or leave it out." >&2
    exit 1
fi
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if fits "$candidate"; then
        echo "$candidate"
        exit 0
    fi
done
echo "No Python >=3.11,<3.15 on the PATH. Install one, or: make PYTHON=/path/to/python3.11 …" >&2
exit 1
