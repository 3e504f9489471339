# Every command works on a fresh machine: it builds what it needs first.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# make serve PORT=8001; without it RETAILVISION_PORT of the environment or of .env counts.
ifdef PORT
export RETAILVISION_PORT := $(PORT)
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast fuzz openapi messages serve worker stop bench lint format lock

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.dev ## Build .venv with everything in it

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "RetailVision needs Python 3.11 as $(PYTHON)."; \
	  echo "Install it (Debian: apt install python3.11 python3.11-venv), or say make PYTHON=/path/to/python3.11"; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "$(PYTHON) is not Python 3.11."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make environments. Debian: apt install python3.11-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# Only whole installations count: the mark is made last.
$(VENV)/.runtime: $(VENV)/.made requirements.txt
	@echo "Installing the environment (some 6 GB with torch's CUDA build; a few minutes) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.runtime ## Demo shop: database, catalogue, embeddings, site; prints addresses and log-ins
	$(BIN)/python manage.py demo

# Processes with a database each; a third on two cores gains nothing and makes browsers late. Numerical
# libraries that took all cores for each of them would wait for one another.
WORKERS ?= 2
IN_PARALLEL := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest \
  -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

test: $(VENV)/.dev ## The whole test suite
	$(IN_PARALLEL)

test-fast: $(VENV)/.dev ## Without real networks and browsers
	$(IN_PARALLEL) -m "not real_encoder and not browser"

fuzz: $(VENV)/.dev ## The whole API against its document, with many requests to each call
	RETAILVISION_FUZZ_EXAMPLES=$(or $(EXAMPLES),200) $(BIN)/python -m pytest tests/api/schema/test_fuzz.py

serve: $(VENV)/.runtime ## Web and worker together, restarted whenever they end
	$(BIN)/python manage.py serve

worker: $(VENV)/.runtime ## One more worker, on this machine or another
	$(BIN)/python manage.py worker

stop: ## Stop the site, the worker and the embedded database
	$(BIN)/python manage.py stop

bench: $(VENV)/.dev ## The measured claims, each beside its peer
	$(BIN)/python -m benchmarks

lint: $(VENV)/.dev ## ruff, mypy, import-linter, djlint, migrations, the API's schema
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check templates
	$(BIN)/djlint --lint templates
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

format: $(VENV)/.dev ## Write what `lint` would ask for
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djlint --quiet --reformat templates

openapi: $(VENV)/.dev ## Write docs/openapi.yaml anew, after a change of the API
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

messages: $(VENV)/.dev ## Gather texts into locale/, and compile what is translated (needs GNU gettext)
	@command -v xgettext >/dev/null && command -v msgfmt >/dev/null || { \
	  echo "Texts are gathered by GNU gettext. Debian: apt install gettext"; exit 1; }
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemessages --all --add-location file --no-obsolete \
	  --ignore .venv --ignore tests --ignore benchmarks --ignore docs --ignore staticfiles
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py compilemessages --ignore .venv

lock: $(VENV)/.dev ## Compile requirements*.in into pinned requirements*.txt
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --output-file requirements.txt requirements.in
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --output-file requirements-dev.txt requirements-dev.in
