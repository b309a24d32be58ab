# Every command of the repository; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
export PIPENV_VENV_IN_PROJECT := 1
export PIPENV_VERBOSITY := -1
# A pipenv of the user's own, else one in the repository's cache.
PIPENV := $(shell command -v pipenv || echo $(CURDIR)/.cache/pipenv/bin/pipenv)
PIPENV_VERSION := 2026.10.3
RUN := .venv/bin/python
SETUP := .venv/.synced

-include infra/infra.mk

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.PHONY: prerequisites
prerequisites:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is missing: install it (python3, python3-venv)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: install Python 3.11 or later, or name it: make PYTHON=python3.12"; exit 1; }

.PHONY: setup
setup: prerequisites $(SETUP) ## Install what Pipfile.lock pins, into .venv

$(SETUP): Pipfile.lock
	@command -v $(PIPENV) >/dev/null || { echo "installing pipenv into .cache/pipenv"; $(PYTHON) -m venv .cache/pipenv && .cache/pipenv/bin/pip install --quiet pipenv==$(PIPENV_VERSION); }
	@.ci/install "$(PIPENV)" "$$(command -v $(PYTHON))"
	@touch $@

.PHONY: demo
demo: setup ## Generate a world, run the main job and show the result
	@LAKEHOUSE_RUN="$(patsubst $(CURDIR)/%,%,$(PIPENV)) run" $(RUN) -m lakehouse demo

.PHONY: test
test: setup ## Check style, types, imports and pipelines, then run all tests
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/basedpyright
	.venv/bin/lint-imports --no-cache --no-logo
	$(RUN) -m lakehouse check
	$(RUN) -m lakehouse test
	$(RUN) -m pytest --numprocesses 2 || { [ $$? -eq 1 ] && echo "Once more, with nothing beside it: what failed" \
		&& $(RUN) -m pytest --last-failed --last-failed-no-failures none; }

.PHONY: test-spark
test-spark: setup ## Run the tests that take minutes on Apache Spark, which `make test` leaves out
	LAKEHOUSE_SLOW_TESTS=1 $(RUN) -m pytest -m slow_on_spark

.PHONY: format
format: setup ## Format the code and mend what ruff can mend
	.venv/bin/ruff check --fix-only
	.venv/bin/ruff format

.PHONY: pictures
pictures: setup ## Take the README's pictures of the page anew (needs Chromium)
	$(RUN) -m tests.lakehouse.page.take_pictures

.PHONY: dictionary
dictionary: setup ## Write docs/data-dictionary.md and contracts/ anew from pipelines/schemas
	$(RUN) -m lakehouse dictionary
	$(RUN) -m lakehouse contract

.PHONY: lakeflow
lakeflow: setup ## Write the tables of docs/lakeflow.md anew, from the marks of tests and the known differences
	$(RUN) -m lakehouse.documents.lakeflow_page

.PHONY: bench
bench: setup ## Measure against plain batch Spark and DuckDB, 1,000,000 orders once (20 minutes); writes bench/results.json
	$(RUN) -m bench

.PHONY: bench-10m
bench-10m: setup ## Measure a full update of 10,000,000 orders alone (45 GB of disk); adds it to bench/results.json
	$(RUN) -m bench --ten-million

.PHONY: bench-quick
bench-quick: setup ## The medallion of a small world and the commands, once; writes nothing
	$(RUN) -m bench --quick

.PHONY: torture
torture: setup ## Kill, starve and mislead the engine (ten minutes); writes the figures into docs/reliability.md
	$(RUN) -m tests.torture

.PHONY: rehearse
rehearse: setup ## Deploy ENV to a workspace on this machine, each step by its own identity, run the job, destroy
	$(RUN) -m lakehouse rehearse --env $(ENV)

.PHONY: lock
lock: ## Resolve Pipfile.lock anew from Pipfile
	.ci/lock $(PIPENV)

.PHONY: sbom
sbom: setup ## Write all packages that the locks pin to sbom.cdx.json, a software bill of materials (CycloneDX)
	$(RUN) -m infra.ci.bill_of_materials > sbom.cdx.json

.PHONY: clean
clean: ## Remove the local lakehouse (.lakehouse); raw files go with it
	rm -rf .lakehouse
