# `make up` builds everything and runs the platform; `make test` proves it; `make down` leaves nothing.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOCK := .ci/lock.txt
DURATIONS := --durations=10 --durations-min=2
PYTEST := $(BIN)/python -m pytest $(DURATIONS) --no-loadscope-reorder

.PHONY: up down test test-openstack bench docs lint lock clean

up: $(BIN)/.installed
	$(BIN)/compleat up -n

down: $(BIN)/.installed
	$(BIN)/compleat down -n

# What pip does not install is installed first, or reported (tests/prerequisites.py). Each stage prints its seconds, and all of
# them stand together at the end. Two processes run the tests of a stage; three or four where they wait much, but not beside
# OpenStack's services, which share the cores. Tests that share a costly fixture run in one process, and the longest begin first
# (tests/scheduling.py; COMPLEAT_SECONDS=tests/seconds.json records the seconds anew). The unit tests are so many and small that
# their processes share nothing (tests/parts.py), with files in memory; those with generated inputs have run by then, with all
# examples. Checks of the whole tree and the examples need one processor each, as the types do, so they run beside them. The
# other interpreters' tests run beside e2e, which waits half its time. What runs beside has a low priority and a process group of
# its own that ends with this; its words come when it is its turn, which is before chaos, for the kill test compares this
# machine's mounts. The guest's tests on other interpreters measure seconds, so they run alone.
STAGE = began=$$(date +%s); first=$$began; took=; stage() { name=$$1; shift; echo "== $$name"; "$$@" || exit 1; \
	now=$$(date +%s); line=$$(printf '%-14s %5d s' "$$name" $$((now - began))); echo "== $$line"; \
	took="$$took$$line\n"; began=$$now; }; \
	all_took() { printf "\n$$took%-14s %5d s\n" all $$((began - first)); }
BESIDE = words=$$(mktemp); trap 'kill -- -$$aside 2>/dev/null; rm -f $$words' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM; \
	beside() { setsid nice -n 10 "$$@" >$$words 2>&1 </dev/null & aside=$$!; }; \
	joined() { wait $$aside; code=$$?; aside=; cat $$words; return $$code; }
WITH_EXAMPLES = $$(grep -rl '^@given' tests/unit)
IN_MEMORY = $$(awk '$$2 == "/dev/shm" && $$3 == "tmpfs" && $$4 !~ /noexec/ {print $$2; exit}' /proc/mounts 2>/dev/null)

test:
	@$(OLD_PYTHON)
	@$(PYTHON) -m tests.prerequisites $(if $(filter true,$(CI)),--complete)
	@$(MAKE) --no-print-directory $(BIN)/.installed-dev
	@$(STAGE); $(BESIDE); \
	stage format $(BIN)/ruff format --check cpi director tests; \
	stage lint $(BIN)/ruff check cpi director tests; \
	beside $(BIN)/mypy; \
	stage imports $(BIN)/lint-imports --no-logo; \
	stage house $(PYTEST) tests/lint; \
	stage examples env COMPLEAT_EXAMPLES=thorough $(PYTEST) -m hypothesis $(WITH_EXAMPLES); \
	stage types joined; \
	stage unit env TMPDIR=$(IN_MEMORY) $(BIN)/python -m tests.parts 2 $(DURATIONS) -m "not hypothesis" tests/unit; \
	stage contract $(PYTEST) -n 2 --dist loadfile tests/contract; \
	stage integration $(PYTEST) -n 3 --dist loadfile tests/integration; \
	beside $(BIN)/python -m tests.interpreters platform; \
	stage e2e $(PYTEST) -n 4 --dist loadfile tests/e2e; \
	stage interpreters joined; \
	stage chaos $(PYTEST) -n 2 --dist loadfile tests/chaos; \
	stage guests $(BIN)/python -m tests.interpreters guest; \
	all_took

# A real OpenStack on this machine: needs root and apt. Contract, platform and the rest run beside each other, each
# in a project of its own. It is taken down also where it did not come up.
test-openstack: $(BIN)/.installed-dev
	@$(STAGE); trap tests/clouds/openstack/down EXIT; \
	stage cloud tests/clouds/openstack/up; \
	stage openstack $(PYTEST) -n 2 --dist loadfile tests/clouds/openstack; \
	all_took

bench: $(BIN)/.installed-dev
	$(BIN)/python -m tests.bench

docs: $(BIN)/.installed-dev
	$(BIN)/python -m tests.reference

lock: $(BIN)/.installed-dev
	$(BIN)/python -m pip freeze --exclude-editable > $(LOCK)

clean:
	rm -rf $(VENV)

# Before pip's own words about it, which name no way on.
OLD_PYTHON = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, \
	and $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }

$(BIN)/.installed: pyproject.toml $(LOCK)
	@$(OLD_PYTHON)
	@echo "Installing into $(VENV): about a minute the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e .
	touch $@

$(BIN)/.installed-dev: pyproject.toml $(LOCK)
	@$(OLD_PYTHON)
	@echo "Installing into $(VENV): about a minute the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e '.[dev]'
	touch $@ $(BIN)/.installed
