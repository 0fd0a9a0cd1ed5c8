# `make run` is all a new machine needs; `make help` lists the rest.
SHELL := bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
HOST ?= 127.0.0.1
PORT ?= 8000
DEMO ?= 1
export HOST PORT DEMO
BIN := .venv/bin
BROWSER := $(if $(EARSIGHT_CHROMIUM),,chromium) # or one of your own: EARSIGHT_CHROMIUM=/path/to/it

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run worker check messages format test e2e train table1

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Variables: HOST=$(HOST) PORT=$(PORT) DEMO=$(DEMO) PYTHON=$(PYTHON)"

setup: ## Install what the product needs: .venv, FluidSynth
	@scripts/system_packages.sh fluidsynth
	@$(PYTHON) scripts/install.py run

setup-dev: ## Install what tests and lint need as well: Chromium, requirements-dev.txt
	@scripts/system_packages.sh fluidsynth abcmidi:abc2midi $(BROWSER)
	@$(PYTHON) scripts/install.py dev

run: setup ## Serve everything: site, worker, demonstration study (HOST=, PORT=, DEMO=0)
	@$(BIN)/python -m scripts.serve

worker: setup ## One more worker, beside a running site
	@$(BIN)/celery --quiet --app study worker --loglevel INFO --concurrency 1

check: setup-dev ## Lint, types, import contracts, migrations, API schema
	@$(BIN)/python -m scripts.check

test: check ## Everything that must pass: check, then all tests
	@$(BIN)/python -m scripts.run_tests

e2e: setup-dev ## Only the tests that drive a real Chromium
	$(BIN)/pytest -m e2e

train: setup ## Train the shipped models again, into var/runs (hours; Ctrl-C saves, repeat to go on)
	@scripts/system_packages.sh abcmidi:abc2midi
	@$(BIN)/python -m scripts.train

table1: setup ## Measure every model that is here and write docs/table1.md (repeat it to go on)
	@$(BIN)/python -m scripts.table1 $(TABLE1)

messages: setup-dev ## Collect the volunteers' sentences into study/locale and compile the catalogs
	@$(BIN)/python -m scripts.messages

format: setup-dev ## Write all Python and all templates in the house style
	@$(BIN)/python -m scripts.tidy
