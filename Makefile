# Two commands matter: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
EXTRA_STAMP := $(VENV)/.installed-extra
DEV_STAMP := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help install extra run test check lint types imports lock bench soak tamper verifier clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; say 'make PYTHON=/path/to/python3 ...'"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): $(BIN)/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(EXTRA_STAMP): $(RUN_STAMP) requirements-extra.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-extra.lock
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(RUN_STAMP) ## set up .venv with the locked dependencies

extra: $(EXTRA_STAMP) ## add what few need: S3 buckets, AWS KMS, Parquet files

run: $(RUN_STAMP) ## install, migrate and serve on 127.0.0.1:8080
	$(BIN)/leadwarden serve

test: $(DEV_STAMP) ## the whole suite
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not soak" -q

lint: $(DEV_STAMP) ## ruff
	$(BIN)/ruff check audit consent governance api tests
	$(BIN)/ruff format --check audit consent governance api tests

types: $(DEV_STAMP) ## mypy --strict
	$(BIN)/mypy

imports: $(DEV_STAMP) ## the architecture, as import contracts
	$(BIN)/lint-imports --no-cache

check: lint types imports test ## everything that CI checks

bench: $(DEV_STAMP) ## ratios against a baseline in the same run
	$(BIN)/python -m tests.bench

soak: $(DEV_STAMP) ## the long proofs: kills, a million rows
	$(BIN)/python -m pytest -m soak -q

tamper: $(DEV_STAMP) ## which check catches which tampering with the trail
	$(BIN)/python -m tests.tamper

verifier: $(RUN_STAMP) ## the auditor's verifier as one file: dist/leadwarden-verify.pyz
	$(BIN)/python -m audit.distribution dist/leadwarden-verify.pyz

lock: ## write the locks anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q --extra build -o requirements.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q --extra build --extra extra -o requirements-extra.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q --extra build --extra extra --extra dev -o requirements-dev.lock pyproject.toml

clean: ## remove the environment and the caches; data in var/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
