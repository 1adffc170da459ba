# `make up` builds everything and runs the platform; `make test` proves it; `make down` leaves nothing.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOCK := .ci/lock.txt

.PHONY: up down test bench docs lint lock clean

up: $(BIN)/.installed
	$(BIN)/compleat up

down: $(BIN)/.installed
	$(BIN)/compleat down -n

test: $(BIN)/.installed-dev
	$(BIN)/ruff format --check cpi director tests
	$(BIN)/ruff check cpi director tests
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest tests/unit tests/contract
	$(BIN)/python -m pytest tests/integration tests/e2e tests/chaos

bench: $(BIN)/.installed-dev
	$(BIN)/python -m tests.bench

docs: $(BIN)/.installed-dev
	$(BIN)/python -m tests.reference

lock: $(BIN)/.installed-dev
	$(BIN)/python -m pip freeze --exclude-editable > $(LOCK)

clean:
	rm -rf $(VENV)

$(BIN)/.installed: pyproject.toml $(LOCK)
	@echo "Installing into $(VENV): about a minute the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e .
	touch $@

$(BIN)/.installed-dev: pyproject.toml $(LOCK)
	@echo "Installing into $(VENV): about a minute the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e '.[dev]'
	touch $@ $(BIN)/.installed
