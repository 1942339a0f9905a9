# The one door for tasks: what runs here runs in CI, and nothing else does.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo serve test test-fast fuzz format lint bench lock clean

ACUSE_HOME ?= ./acuse-home
BIN := .venv/bin

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.runtime  ## Make .venv with acuse in it (quick when nothing changed)

demo: setup  ## Two stations exchange an order and an invoice, a certified e-mail is sent; ends by itself
	@$(BIN)/acuse demo

serve: setup  ## Keep a gateway running on 127.0.0.1:8080, in the home ACUSE_HOME (default ./acuse-home)
	@ACUSE_HOME='$(ACUSE_HOME)' $(BIN)/acuse serve

test: lint  ## Everything that CI runs
	@scripts/ensure-openssl
	@scripts/ensure-postfix
	@scripts/ensure-chromium
	@scripts/ensure-node
	$(BIN)/pytest --numprocesses auto --dist loadfile --quiet

test-fast: .venv/.development  ## Only the tests that need no gateway process
	$(BIN)/pytest -m "not gateway and not slow"

fuzz: .venv/.development  ## Damage messages for as long as it takes (FUZZ_EXAMPLES for each test, default 20000)
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20000} $(BIN)/pytest tests/fuzz --numprocesses auto --quiet

lint: .venv/.development  ## Format, style, types and the direction of imports
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/.development  ## Format the code and repair what can be repaired
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: .venv/.development  ## Measure: throughput, latency, and the memory that a large file takes
	$(BIN)/python -m benchmarks --write

lock:  ## Resolve the dependencies anew (needs uv)
	@command -v uv >/dev/null || { echo "Install uv first: https://docs.astral.sh/uv/" >&2; exit 1; }
	uv pip compile pyproject.toml --group build $(LOCK_OPTIONS) --output-file requirements.lock
	uv pip compile pyproject.toml --group dev $(LOCK_OPTIONS) --constraints requirements.lock --output-file requirements-dev.lock

LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-emit-package acuse-client

clean:  ## Remove .venv and every cache
	rm -rf .venv .bench-venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.runtime: requirements.lock pyproject.toml scripts/make-venv
	@scripts/make-venv requirements.lock
	@touch $@

.venv/.development: requirements-dev.lock pyproject.toml scripts/make-venv
	@scripts/make-venv requirements-dev.lock
	@touch .venv/.runtime $@
