# Everything a person or CI runs here. `make` alone lists it.
#
# Only Python 3.11 or newer, git and make are needed; the rest is installed into .venv, or found by
# packaging/prepare.py. Stamps make a second run quick.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
PYTEST_ARGS ?=
# Who asks for some tests may find none of them in one of the two runs.
IF_ANY = $(if $(PYTEST_ARGS),|| test $$? = 5)
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help run test check check-code check-ui format types ui dist bench clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: $(VENV)/.installed ui  ## build what is needed and start windmill-lite here (ARGS="--listen ...")
	@$(BIN)/windmill-lite --data-dir data $(ARGS)

test: $(VENV)/.installed-dev ui  ## every test, on SQLite and Postgres, in Python and in the UI
	@$(BIN)/python packaging/prepare.py postgres mariadb chromium bun deno go php uv node windmill
	@$(BIN)/python packaging/ui.py test
	$(BIN)/python -m pytest -m "not binary and not bench and not alone and not e2e" $(SIDE_BY_SIDE) \
		$(PYTEST_ARGS) $(IF_ANY)
	$(BIN)/python -m pytest -m e2e $(SIDE_BY_SIDE) $(or $(PYTEST_ARGS),tests/e2e) $(IF_ANY)
	$(BIN)/python -m pytest -m alone $(or $(PYTEST_ARGS),tests/roles) $(IF_ANY)

check: check-code check-ui  ## format, lint, types and the rules of the house

check-code: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/arch

check-ui: $(VENV)/.installed-dev
	@$(BIN)/python packaging/prepare.py node
	@$(BIN)/python packaging/ui.py types --check
	@$(BIN)/python packaging/ui.py lint
	@$(BIN)/python packaging/ui.py check

format: $(VENV)/.installed-dev  ## write every file the way `check` wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	@$(BIN)/python packaging/ui.py format

types: $(VENV)/.installed-dev  ## write the UI's types of the API from its OpenAPI document
	@$(BIN)/python packaging/ui.py types

ui: $(VENV)/.installed  ## build the browser UI into bundled_ui/dist, if it changed
	@$(BIN)/python packaging/prepare.py node >/dev/null
	@$(BIN)/python packaging/ui.py

dist: $(VENV)/.installed-dev  ## build dist/windmill-lite, one file, and prove that it works alone
	@$(BIN)/python packaging/prepare.py node build
	$(BIN)/python packaging/build.py
	$(BIN)/python -m pytest -m binary tests/binary $(PYTEST_ARGS)

bench: $(VENV)/.installed-dev  ## print the numbers of this machine
	@$(BIN)/python packaging/prepare.py bun go uv
	$(BIN)/python -m pytest -m bench -s --timeout 300 tests/bench $(PYTEST_ARGS)

clean:  ## remove what was built; not .venv and not data
	rm -rf build dist bundled_ui/dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.created:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: set PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created pyproject.toml
	$(BIN)/python packaging/patient.py $(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.created pyproject.toml
	$(BIN)/python packaging/patient.py $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.installed
