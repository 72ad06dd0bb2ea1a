# Every command a person types; `make` lists them. Needed: Python 3.11 or newer, make, and the package registry.
SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHONS = $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)
UV = $(BIN)/python -m uv
COVERAGE_FLOOR_PERCENT := 90
TESTERS = $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 4 ? cores + 1 : 5))) # one more than cores: they wait a lot

# What is imported again and again is compiled once, also where somebody has switched that off for all Python programs.
unexport PYTHONDONTWRITEBYTECODE

# Stamps: a file is there when the step is done. A virtual environment holds the path it was made for, so the first
# stamp does too: a tree that was moved or copied makes its own.
space := $(subst ,, )
MADE := $(VENV)/.made-for$(subst $(space),-,$(subst /,-,$(CURDIR)))
INSTALLER := $(VENV)/.installer-ready
RUNTIME := $(VENV)/.runtime$(EXTRAS:%=-%)-ready
DEVELOPMENT := $(VENV)/.development-ready
CHAIN := tests/chain/node_modules/.package-lock.json
CLIENTS := tests/clients/node_modules/.package-lock.json
VERIFIER := verify/typescript/node_modules/.package-lock.json
GENERATOR := $(VENV)/client-generator/.ready

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(RUNTIME) ## Install what is missing and start everything; EXTRAS=chain to anchor draws on a chain as well
	@exec $(BIN)/luxewin start $(ARGS)

.PHONY: install
install: $(DEVELOPMENT) $(CHAIN) $(CLIENTS) $(GENERATOR) $(VERIFIER) ## Install everything that development needs

# The checks, all tests with their coverage, and the oldest PostgreSQL; with ARGS, pytest and nothing else.
.PHONY: test
ifdef ARGS
test: $(DEVELOPMENT) $(CHAIN) $(CLIENTS) $(GENERATOR) $(VERIFIER)
	$(BIN)/pytest $(ARGS)
else
test: check $(CHAIN) $(CLIENTS) $(GENERATOR) $(VERIFIER) ## Run everything that CI runs; ARGS="tests/modules/orders" runs only these tests, at once
	$(BIN)/python -m pytest -p tests.covered --covered-percent=$(COVERAGE_FLOOR_PERCENT) --ignore=tests/architecture \
		--numprocesses=$(TESTERS) --dist=loadfile --no-loadscope-reorder
	@$(MAKE) --no-print-directory test-oldest
endif

# The EVM node of the tests. Where npm is missing, they fail and say so.
$(CHAIN): tests/chain/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix tests/chain --ignore-scripts --no-audit --no-fund --silent; fi

# The generators of clients, with locks of their own: they need other versions of libraries than the program.
$(CLIENTS): tests/clients/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix tests/clients --ignore-scripts --no-audit --no-fund --silent; fi

# The libraries of the verifier in TypeScript, and its compiler.
$(VERIFIER): verify/typescript/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix verify/typescript --ignore-scripts --no-audit --no-fund --silent; fi

$(GENERATOR): tests/clients/requirements.txt $(INSTALLER)
	@$(BIN)/python -m venv --clear $(@D)
	@$(UV) pip install --quiet --python $(@D)/bin/python --require-hashes --requirement $< \
		|| $(@D)/bin/python -m pip install --quiet --require-hashes --requirement $<
	@touch $@

OLDEST_POSTGRESQL := /usr/lib/postgresql/15/bin/postgres
.PHONY: test-oldest
test-oldest: $(DEVELOPMENT) ## Run the tests that ask the database on PostgreSQL 15, the oldest that is supported
	@if [ -x $(OLDEST_POSTGRESQL) ]; then \
		LUXEWIN_TEST_SERVER=debian $(BIN)/pytest --quiet --numprocesses=$(TESTERS) --dist=loadfile \
			--no-loadscope-reorder tests/migrations tests/invariants tests/modules tests/kit/test_writes.py tests/kit/test_messaging.py \
			tests/kit/test_sealing.py tests/kit/test_idempotency.py; \
	else \
		echo "PostgreSQL 15 is not here, so its tests did not run; on Debian and Ubuntu: apt-get install postgresql-15"; \
	fi

.PHONY: check
check: $(DEVELOPMENT) ## Run the quick part: style, types, import contracts, architecture
	@$(MAKE) --no-print-directory --jobs=4 check-types check-architecture check-style check-contracts

.PHONY: check-style check-types check-contracts check-architecture
check-style:
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .

check-types:
	$(BIN)/mypy

check-contracts:
	$(BIN)/lint-imports --no-logo --no-cache

check-architecture:
	$(BIN)/pytest --quiet tests/architecture

.PHONY: format
format: $(DEVELOPMENT) ## Format the code and mend what can be mended safely
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: prove
prove: $(RUNTIME) ## Check every law on the running installation's data
	@$(BIN)/luxewin prove $(ARGS)

.PHONY: guard-drill
guard-drill: $(DEVELOPMENT) ## Remove each guard in turn and demand that a test goes red
	$(BIN)/python -m tests.guard_drill $(ARGS)

.PHONY: test-at-length
test-at-length: $(DEVELOPMENT) $(VERIFIER) ## Kill the program at every crash point, and break every rule of every operation by an example of its own
	LUXEWIN_TEST_AT_LENGTH=1 $(BIN)/pytest tests/reliability/test_crash_points.py tests/workflows/raffles/test_anchored.py \
		tests/security/test_fuzzing.py tests/modules/raffles/test_two_verifiers.py $(ARGS)

.PHONY: test-proxies
test-proxies: $(DEVELOPMENT) ## Test behind nginx, HAProxy and Caddy with the configurations of docs/proxies.md
	@for program in nginx haproxy caddy; do command -v $$program > /dev/null || \
		{ echo "$$program is not here; on Debian and Ubuntu: apt-get install nginx haproxy caddy"; exit 1; }; done
	LUXEWIN_TEST_AT_LENGTH=1 $(BIN)/pytest tests/proxies $(ARGS)

.PHONY: soak
soak: $(DEVELOPMENT) ## Kill, suspend and restart under load at length; ARGS="--cycles 1000 --rushes 10 --minutes 60 --seed 1"
	@$(BIN)/python -m tests.reliability $(ARGS)

.PHONY: bench
bench: $(DEVELOPMENT) ## Measure every step beside the bare floor, in turns; ARGS="--steps 'new cart and item' --rounds 1"
	@$(BIN)/python -m bench $(ARGS)

.PHONY: openapi
openapi: $(RUNTIME) ## Write docs/api/openapi.json from the code
	@mkdir -p docs/api
	$(BIN)/luxewin openapi > docs/api/openapi.json.new
	@mv docs/api/openapi.json.new docs/api/openapi.json

.PHONY: dashboard
dashboard: $(DEVELOPMENT) ## Write deploy/grafana/luxewin.json from its builder
	$(BIN)/python deploy/grafana/dashboard.py > deploy/grafana/luxewin.json.new
	@mv deploy/grafana/luxewin.json.new deploy/grafana/luxewin.json

.PHONY: contract
contract: $(DEVELOPMENT) ## Compile the contract that draws are anchored in
	$(BIN)/python -m contracts.build

.PHONY: migration
migration: $(DEVELOPMENT) ## Write a migration from the models; NAME="add wish lists"
	@test -n "$(NAME)" || { echo 'Name it: make migration NAME="add wish lists"' >&2; exit 2; }
	$(BIN)/luxewin migration "$(NAME)"

.PHONY: lock
lock: $(INSTALLER) ## Pin every dependency by hash; UPGRADE=1 takes the newest versions
	$(call pin,--output-file requirements.txt)
	$(call pin,--extra chain --constraints requirements.txt --output-file requirements-chain.txt)
	$(call pin,--extra chain --group dev --constraints requirements-chain.txt --output-file requirements-dev.txt)
	$(call pin,--group install --constraints requirements-dev.txt --output-file requirements-install.txt)
	$(UV) pip compile tests/clients/requirements.in --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) --output-file tests/clients/requirements.txt

.PHONY: clean
clean: ## Remove caches, reports and build output; the data in var/ and .venv stay
	rm -rf build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# One lock for every platform and Python version; it names no address, so that any registry or mirror can serve it.
define pin
	$(UV) pip compile $(if $(findstring group install,$(1)),,pyproject.toml) --quiet --universal --python-version 3.11 \
		--generate-hashes --no-annotate --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) $(1)
endef

# uv takes a second where pip takes fifteen. Where only pip knows the way to the registry (a mirror, a proxy), pip goes.
define install
	@$(UV) pip install --python $(BIN)/python --require-hashes --requirement $(1) \
		|| $(BIN)/python -m pip install --require-hashes --requirement $(1)
endef

$(MADE):
	@for python in $(PYTHONS); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "LuxeWin needs Python 3.11 or newer; tried: $(PYTHONS). Install it, or name it: make run PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$python cannot make virtual environments. On Debian and Ubuntu: apt-get install" \
			"$$($$python -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$python --version)"; \
	$$python -m venv --clear $(VENV)
	@touch "$@"

$(INSTALLER): requirements-install.txt | $(MADE)
	@echo "Fetching the installer"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements-install.txt
	@touch $@

$(RUNTIME): requirements$(EXTRAS:%=-%).txt pyproject.toml $(INSTALLER)
	@echo "Installing LuxeWin and what it runs on (the first time takes a while)"
	$(call install,$<)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	@echo "Installing what checks LuxeWin"
	$(call install,requirements-dev.txt)
	@touch $@
