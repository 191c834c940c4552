# Everything runs in a virtual environment in the checkout; the first target that needs it makes it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types docs docs-current golden picture dist clean

demo: $(VENV)/ready
	$(BIN)/readiness demo

test: $(VENV)/ready
	tools/browser $(BIN)
	$(BIN)/pytest --numprocesses auto $(TESTS)

lint: $(VENV)/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/ready
	$(BIN)/mypy

docs: $(VENV)/ready
	$(BIN)/python tools/generate_docs.py

docs-current: $(VENV)/ready
	$(BIN)/python tools/generate_docs.py --check

golden: $(VENV)/ready
	$(BIN)/readiness audit tests/golden/snapshot.json -o tests/golden/report.json -o tests/golden/report.html

picture: $(VENV)/ready
	tools/browser $(BIN)
	$(BIN)/python tools/screenshot.py

dist: $(VENV)/ready
	rm -rf dist
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "readiness needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[demo]' --group dev
	touch $@
