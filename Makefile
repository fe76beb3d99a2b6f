# make run: the whole product on this machine.  make test: every check and test.  See README.md.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
ifeq ($(PYTHON),)
PYTHON := python3
endif
BIN := .venv/bin

.PHONY: setup setup-dev run test bench reliability pictures lint format

setup:
	@"$(PYTHON)" dispute_hub/embedded/setup.py

setup-dev:
	@"$(PYTHON)" dispute_hub/embedded/setup.py --dev

run: setup
	@exec $(BIN)/python -m dispute_hub.embedded

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadscope

bench: setup-dev
	$(BIN)/python -m tests.bench

reliability: setup-dev
	$(BIN)/python -m tests.reliability

pictures: setup-dev
	$(BIN)/python -m tests.pictures

format: setup-dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
