# Everything a developer types. `make help` lists it. Needs only Python >= 3.11 and make.

VENV ?= .venv
# PYTHON=/path/to/python chooses the interpreter of a new environment; empty: the first that fits.
PYTHON ?=
JOBS ?= 2
SCALE ?= 1
SIZES ?= 1 2 4
WEEKS ?= 52
COUNTIES ?= 1 4 16
HAZARDS ?= 20000
PYTEST_ARGS ?=

# Folders whose tests open a store.
STORE_TESTS := $(addprefix tests/,canary flows gaming hazard hostile identity intake_landing \
	listing machine many mapping notify operators outside places plain publishing real rejection \
	reports rules seal serving site sources statutory store tasks truth upward vault waiting)
BIN := $(VENV)/bin
PACKAGES := flows tasks rules schemas expectations demo
CHECKED := $(PACKAGES) tests bench tools

# No phone-home, from any target.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export GX_ANALYTICS_ENABLED := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help venv run test test-postgresql nightly lint types contracts environment advisories bench wheel wheel-demo wheelhouse lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv:  ## create or refresh the environment from requirements.lock (instant when nothing changed)
	@VENV='$(VENV)' PYTHON='$(PYTHON)' sh tools/venv.sh

run: venv  ## set up, then play the fictitious city from its sources to revised rankings
	$(BIN)/bihuan demo --home .home/demo

test: venv  ## the tests (PYTEST_ARGS="-k ledger" narrows them)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(PYTEST_ARGS)

test-postgresql: venv  ## every test that touches the store, with every store in PostgreSQL
	BIHUAN_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(JOBS) --dist loadfile \
		-o tmp_path_retention_policy=failed $(STORE_TESTS) $(PYTEST_ARGS)

nightly: venv  ## the tests with the long experiments and the large random profiles
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n $(JOBS) --dist loadfile \
		-m "not bench" --timeout 3600 $(PYTEST_ARGS)
	$(MAKE) test-postgresql

lint: venv  ## style: ruff check and ruff format --check
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)

types: venv  ## mypy, strict on rules/ and schemas/
	$(BIN)/mypy

contracts: venv  ## import directions
	$(BIN)/lint-imports

environment: venv  ## the environment is what the lock says, to the byte (no network)
	$(BIN)/python tools/verify_environment.py

advisories:  ## known vulnerabilities in the lock (needs pip-audit and the internet)
	@command -v pip-audit >/dev/null || { echo "make advisories needs pip-audit on the PATH" >&2; exit 1; }
	pip-audit --disable-pip --require-hashes -r requirements.lock

bench: venv  ## the reference county against the frozen floor; a day's updates; editions; many counties (SCALE=0.1)
	$(BIN)/python -m bench.run --scale $(SCALE)
	$(BIN)/python -m bench.daily --scale $(SCALE) --sizes $(SIZES)
	$(BIN)/python -m bench.editions --scale $(SCALE) --weeks $(WEEKS)
	$(BIN)/python -m bench.counties --counties $(COUNTIES) --hazards $(HAZARDS) --workers 1 2

wheel: venv  ## build dist/*.whl without the network
	rm -rf dist
	$(BIN)/python -m hatchling build --target wheel

wheel-demo: wheel  ## play the demo from the built wheel, in a bare environment elsewhere
	PYTHON='$(PYTHON)' sh tools/wheel_demo.sh

wheelhouse: wheel  ## dist/wheelhouse: all that an installation without a network needs
	VENV='$(VENV)' sh tools/wheelhouse.sh

lock:  ## compile requirements.lock anew (needs uv and a package index)
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH" >&2; exit 1; }
	UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile --universal --generate-hashes \
		--no-emit-index-url --python-version 3.11 --extra dev --extra scale pyproject.toml -o requirements.lock

clean:  ## remove what was made here: environment, demo homes, caches, builds
	rm -rf $(VENV) .home build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache
	find $(CHECKED) -name __pycache__ -type d -prune -exec rm -rf {} +
