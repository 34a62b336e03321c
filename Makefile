# Every target sets up what it needs; a second run starts at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint format generate bench lock clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: $(VENV)/.sandbox ## Run the main job on the acme example, in an account that lives in a file
	@sh examples/demo.sh $(BIN)/iamctl $(DEMO)

# Compiled tests are kept, also where a container sets that nothing is: each worker would compile all of them.
test: $(VENV)/.dev ## Run the tests
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

test-all: $(VENV)/.proof ## Run the tests and the exhaustive runs
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist worksteal -m "" $(PYTEST_ARGS)

lint: $(VENV)/.dev ## Check style, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## Put the code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

generate: $(VENV)/.dev ## Write the schemas and the reference pages anew
	@$(BIN)/python tools/generate.py

bench: $(VENV)/.dev ## Measure, and write the figures into docs/performance.md
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.fleet

lock: ## Pin the requirements anew (needs pip-compile)
	@sh requirements/lock.sh

clean: ## Remove what the targets made
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.sandbox: requirements/sandbox.txt pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/sandbox.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.sandbox
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# Where there is no wheel of it, the second opinion on proofs is skipped with that reason.
$(VENV)/.proof: requirements/proof.txt $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/proof.txt \
		|| echo "z3-solver cannot be installed here; the tests that ask it are skipped"
	@touch $@
