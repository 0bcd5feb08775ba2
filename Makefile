# Each target's help line is the comment behind it; `make help` prints them.
# Another interpreter: make PYTHON=/path/to/python3.12 install

export PYTHON
BIN := .venv/bin
# Four workers on two cores: the tests wait for servers and a browser longer than they compute, and
# with more of them programs answer too late for tests that look at the clock.
TEST_WORKERS ?= 4
# Many images tell Python to keep no bytecode: then every worker compiles every test in every run,
# eight seconds of computing each. The line of `test` takes that back; git ignores what is kept.

.DEFAULT_GOAL := help
.PHONY: help install run test lint format lock messages screenshots bench clean
.PHONY: python development tools

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

install: python ## Set up .venv with the locked dependencies; the program is .venv/bin/livestorm-calendar
	@setup/environment.sh runtime

run: install ## Set up what is missing, start the program with the sandbox and print the URL to open
	@exec $(BIN)/livestorm-calendar sandbox

test: tools ## Set up what is missing, then run the whole test suite (ARGS="…" goes to pytest)
	@PYTHONDONTWRITEBYTECODE= \
		$(BIN)/pytest --numprocesses $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: tools ## Check style, formatting and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@manifest/node_modules/.bin/tsc --project manifest

format: development ## Format the code, and mend what can be mended by itself
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# The runtime lock is held to the versions of the development lock: what is tested is what runs.
LOCK := $(BIN)/uv pip compile setup.cfg --quiet --extra build --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --python-version 3.11

lock: development ## Remake the lock files after a change of setup.cfg (ARGS=--upgrade for newer versions)
	@$(LOCK) --extra dev $(ARGS) --output-file requirements/dev.txt
	@$(LOCK) --constraint requirements/dev.txt $(ARGS) --output-file requirements/runtime.txt

TEXTS := --omit-header --add-location=file --sort-by-file --width=100
UPDATE := --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=100

messages: development ## Bring the catalogues up to date with the wording; then translate what is new
	@$(BIN)/pybabel -q extract -k message_id $(TEXTS) -o cards/locale/cards.pot cards
	@$(BIN)/pybabel -q extract -F server/browser/babel.cfg $(TEXTS) \
		-o server/browser/locale/pages.pot server/browser
	@$(BIN)/pybabel -q update -D cards -i cards/locale/cards.pot -d cards/locale $(UPDATE)
	@$(BIN)/pybabel -q update -D pages -i server/browser/locale/pages.pot \
		-d server/browser/locale $(UPDATE)

screenshots: tools ## Remake the pictures in docs/screenshots by running the journeys
	@SCREENSHOTS=docs/screenshots $(BIN)/pytest tests/journeys $(ARGS)

bench: development ## Run the measurements in bench/ and print their figures
	@$(BIN)/python -m bench $(ARGS)

clean: ## Remove what was made here, except the data in var/
	@rm -rf .venv manifest/node_modules var/sandbox var/screenshots *.egg-info
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@setup/system.sh python

development: python
	@setup/environment.sh dev

tools: development
	@setup/system.sh tests
	@setup/node.sh
