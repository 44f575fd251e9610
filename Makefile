# `make run` and `make test` need nothing before them but Python 3.11 or newer.

PYTHON ?= python3
SEED := sample_designs/distributed-web-infrastructure.loadpath.json
# Options for pytest, such as `make test ARGS='-k undo'`; names for `make drill ARGS=cdn`.
ARGS ?=

# Where virtual environments keep their programs: bin, or Scripts on Windows.
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
INSTALLED := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help env run test coverage lint format bench screenshots drill wheel lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(INSTALLED) ## make .venv from requirements.lock, when that has changed

$(INSTALLED): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) .ci/create_environment.py .venv
	@echo "Installing what requirements.lock names into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .
	@touch $@

run: env ## open the seed design in the window
	@$(BIN)/python -m app $(SEED)

test: env ## run the tests, on all cores
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto $(ARGS)

coverage: env ## run the tests and hold the coverage that pyproject.toml asks for
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto --cov --cov-report= $(ARGS)
	@$(BIN)/python .ci/coverage_gate.py

lint: env ## style, types and who may import whom
	@status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/ruff format --check . || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/lint-imports --no-logo || status=1; \
	exit $$status

format: env ## rewrite the sources in the one style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: env ## time the window and the check beside their peers
	@$(BIN)/python -m benchmarks

screenshots: env ## picture the samples in the window, light and dark, in build/screenshots
	@$(BIN)/python docs/screenshots.py build/screenshots

drill: env ## run samples and further designs with docker, fail each part, write docs/drills
	@$(BIN)/python -m tests.lab.drills $(ARGS)

wheel: env ## build the wheel into dist
	@$(BIN)/python -m hatchling build -t wheel

lock: ## choose the newest versions that pyproject.toml allows
	@$(PYTHON) .ci/create_environment.py build/lock
	@build/lock/$(notdir $(BIN))/python -m pip install --quiet uv
	@build/lock/$(notdir $(BIN))/python -m uv pip compile --quiet --universal --upgrade \
		--python-version 3.11 --group dev --no-header --output-file requirements.lock pyproject.toml

clean: ## remove what the commands made, the environment too
	rm -rf .venv build dist .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
