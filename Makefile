# Two commands matter: `make demo` runs the whole walk, `make test` runs every test.
# Both set up what they need in .venv; neither needs root.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
KEEP ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench docs clean

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# One stamp per set of dependencies: a second run installs nothing.
$(VENV)/.core: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "diychallenge needs Python 3.11 or newer; try: make PYTHON=python3.12 demo" >&2; exit 2; }
	@echo "Setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(VENV)/.core  ## Run the whole walk on real data (KEEP=1 leaves the platform running)
	@$(BIN)/diychallenge demo --folder .demo $(if $(KEEP),--keep)

test: $(VENV)/.dev  ## Run linters, types, import rules and every test
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 2

lint: $(VENV)/.dev  ## Run ruff, mypy and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev  ## Measure the platform and print a table
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.dev  ## Write the generated reference pages again
	@$(BIN)/python docs/generate.py

clean:  ## Remove what the targets above made
	rm -rf $(VENV) .demo dist build
