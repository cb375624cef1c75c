# `make demo` and `make test` need only python3 (3.11 or newer) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SERVE ?= 1
WORKERS ?= auto

.PHONY: help setup demo test test-system pictures soak bench check client format docs lock clean

help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## The environment alone, in .venv

$(STAMP): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up the environment in $(VENV) ..."
	@# What a link leads to is somebody else's: --clear would empty it.
	@if [ -L $(VENV) ]; then \
		echo "$(VENV) is a link; it is replaced, and what it leads to stays as it is" >&2; rm $(VENV); fi
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
		--require-hashes --requirement requirements-dev.lock
	@touch $@

demo: $(STAMP) ## The whole journey of a sample host, then the service; SERVE=0 stops before serving
	@$(BIN)/python -m tests.sample_host.demo --serve $(SERVE)

test: $(STAMP) ## The test suite, on SQLite and on a PostgreSQL of its own
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-system: $(STAMP) ## What needs Debian packages: MariaDB hosts, the browser, PgBouncer
	@$(BIN)/python -m pytest -m system

pictures: $(STAMP) ## A picture of every page, at two widths, light and dark, in var/pictures
	@PICTURES=var/pictures $(BIN)/python -m pytest -m system -k _can_ tests/browser/test_every_page.py

soak: $(STAMP) ## The long runs; writes docs/soak.md
	@$(BIN)/python -m tests.soak

bench: $(STAMP) ## The benchmarks; writes docs/benchmarks.md
	@$(BIN)/python -m tests.bench

client: ## restorelog.pyz, the client in one file, which needs only python3 (3.9 or newer)
	@$(PYTHON) -m api.client.archive restorelog.pyz

check: $(STAMP) ## Format, lint, types, import contracts, names, deployment settings, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	DEBUG=1 $(BIN)/mypy
	$(BIN)/mypy --config-file= --python-version=3.10 --strict api/client
	$(BIN)/lint-imports
	$(BIN)/python -m tests.conventions.duplicate_names
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		ALLOWED_HOSTS=restorelog.example DATABASE_URL=sqlite:///:memory: ALLOW_NO_HEAD_FILE=1 \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	DEBUG=1 DATABASE_URL=sqlite:///:memory: $(BIN)/python manage.py makemigrations --check --dry-run

format: $(STAMP) ## Put the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP) ## Generate what docs/reference takes from the code
	@$(BIN)/python -m docs.generate

lock: ## Choose newer versions of everything (needs uv)
	uv lock --upgrade --quiet
	uv export --quiet --no-emit-project --no-dev --format requirements-txt --no-annotate \
		--no-header > requirements.lock
	uv export --quiet --no-emit-project --no-dev --extra dask --format requirements-txt \
		--no-annotate --no-header > requirements-dask.lock
	uv export --quiet --no-emit-project --format requirements-txt --no-annotate \
		--no-header > requirements-dev.lock

clean: ## Remove the environment and the demo's databases
	rm -rf $(VENV) var
