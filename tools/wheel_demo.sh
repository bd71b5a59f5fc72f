#!/bin/sh
# Proves that the wheel is whole: installs the lock and dist/*.whl into a bare environment, then
# answers --help and plays the demo from an empty folder outside the source tree, with an
# environment stripped to PATH, HOME and a UTF-8 locale. BARE_COMMAND replaces the demo.
set -eu
cd "$(dirname "$0")/.."
root="$(pwd)"
wheel="$(ls dist/*.whl)"
bare="$(mktemp -d)"
trap 'rm -rf "$bare"' EXIT INT TERM

python="$(sh tools/python.sh)"
"$python" -m venv "$bare/venv"
pip() { "$bare/venv/bin/python" -m pip --quiet --no-input --disable-pip-version-check "$@"; }
pip install --require-hashes --no-deps --only-binary :all: -r requirements.lock
pip install --no-deps "$root/$wheel"

mkdir "$bare/home" "$bare/elsewhere"
cd "$bare/elsewhere"
bare() {
    env -i PATH="$bare/venv/bin:/usr/bin:/bin" HOME="$bare/home" LANG=C.UTF-8 DO_NOT_TRACK=1 "$@"
}
origin="$(bare python -c 'import flows; print(flows.__file__)')"
case "$origin" in
    "$bare"/*) ;;
    *) echo "flows was imported from $origin, not from the wheel" >&2; exit 1 ;;
esac
bare bihuan --help
bare sh -c "${BARE_COMMAND:-bihuan demo --weeks 3 --hazards 900 --home \"$bare/home/demo\"}"
echo "the wheel is whole: $(basename "$wheel")"
