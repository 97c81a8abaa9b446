# Two commands matter: `make demo` runs the whole walk, `make test` runs every test.
# Both set up what they need in .venv; neither needs root. `make test-stack` does, on Debian.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
KEEP ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-stack lint bench docs lock audit clean
PIP := $(BIN)/python -m pip --disable-pip-version-check
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
  --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# One stamp per set of dependencies: a second run installs nothing. Every package is the one that
# was tested, by its checksum (requirements/); our own comes last, without looking for more.
$(VENV)/.core: pyproject.toml requirements/core.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "diychallenge needs Python 3.11 or newer; try: make PYTHON=python3.12 demo" >&2; exit 2; }
	@echo "Setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --require-hashes --requirement requirements/core.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements/dev.txt
	@$(PIP) install --quiet --require-hashes --requirement requirements/dev.txt
	@touch $@

demo: $(VENV)/.core  ## Run the whole walk on real data (KEEP=1 leaves the platform running)
	@$(BIN)/diychallenge demo --folder .demo $(if $(KEEP),--keep)

test: $(VENV)/.dev  ## Run linters, types, import rules and every test
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 2

# The server extra on top: what the package needs where it deploys.
$(VENV)/.stack: $(VENV)/.dev $(wildcard requirements/stack.txt)
	@if [ -e requirements/stack.txt ]; then \
	  $(PIP) install --quiet --require-hashes --requirement requirements/stack.txt; \
	else $(PIP) install --quiet --no-build-isolation --editable '.[server]'; fi
	@touch $@

test-stack: $(VENV)/.stack  ## Run the tests against real servers and hosts (root, Debian; STACK=folder)
	@test "$$(id -u)" = 0 || { echo "make test-stack needs root: it starts a Docker engine" >&2; exit 2; }
	@$(BIN)/python -m pytest $(or $(STACK),tests/stack)

lint: $(VENV)/.dev  ## Run ruff, mypy and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev  ## Measure the platform and print a table
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.dev  ## Write the generated reference pages again
	@$(BIN)/python docs/generate.py

lock:  ## Write requirements/*.txt again: newest versions that pyproject.toml allows
	@$(COMPILE) --upgrade --extra build --output-file requirements/core.txt pyproject.toml
	@$(COMPILE) --upgrade --extra build --extra dev --constraint requirements/core.txt \
	  --output-file requirements/dev.txt pyproject.toml
	@$(COMPILE) --upgrade --extra server --extra stack \
	  --constraint requirements/dev.txt --output-file requirements/stack.txt pyproject.toml

audit: $(VENV)/.dev  ## Look for known vulnerabilities in what requirements/ names
	@$(BIN)/python .ci/audit.py requirements/dev.txt

clean:  ## Remove what the targets above made
	rm -rf $(VENV) .demo dist build
