# Everything here needs Python >= 3.11 and make; the first target that needs it makes .venv itself.
# `make PYTHON=python3.12 test` chooses the interpreter.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
WORKERS ?= 2
DEMO   := build/demo

.DEFAULT_GOAL := help
.PHONY: help setup demo judges quick test check format golden bench soak dist schema clean
MAKEFLAGS += --no-print-directory

help: ## What each target does
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## The environment in .venv, with every tool at its pinned version

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mlopsgen needs Python 3.11 or newer; say which: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || { echo "· making $(VENV)"; $(PYTHON) -m venv $(VENV) || { echo "the venv module is missing: install your system's python3-venv"; exit 1; }; }
	@echo "· installing the pinned tools (minutes, the first time)"
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off -e '.[dev]'
	@touch $@

demo: $(STAMP) ## The flagship: compiled for every target, judged, and trained here; and one without a script
	@$(BIN)/python tools/demo.py --out $(DEMO)

# The twenty slowest tests are printed, so that nobody has to look for them.
PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal --durations=20 --durations-min=0.5

quick: $(STAMP) ## The tests that start no process, ask no judge and train nothing
	@$(PYTEST) -p tests.quick -m 'not slow and not soak' $(ARGS)

test: $(STAMP) ## Every test but the soak
	@$(PYTEST) -m 'not soak' $(ARGS)

judges: $(STAMP) ## What judges in Go, built once into the judges' cache: minutes, the first time
	@$(BIN)/python -m tools.judges $(ARGS)
	@$(BIN)/python -m tools.provider_schemas

check: $(STAMP) ## Lint, types, layers, templates, sizes
	@echo "· ruff" && $(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	@echo "· mypy --strict" && $(BIN)/mypy --no-error-summary
	@echo "· layers" && $(BIN)/lint-imports --no-logo > $(VENV)/layers.log 2>&1 || { cat $(VENV)/layers.log; exit 1; }
	@echo "· templates" && $(BIN)/python tools/template_lint.py
	@echo "· sizes" && $(BIN)/python tools/measure.py

format: $(STAMP) ## Ruff's layout and its safe mends, applied
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

schema: $(STAMP) ## schemas/mlopsgen.v1.json and docs/codes.md, written again from the models and the codes
	@$(BIN)/mlopsgen schema > schemas/mlopsgen.v1.json
	@$(BIN)/python -m mlopsgen.codes > docs/codes.md
	@$(BIN)/python -m mlopsgen.targets.local.read > templates/local/plan.schema.json.j2

golden: $(STAMP) ## The expected bundles, written again; read the diff as part of the change
	@$(BIN)/python -m pytest -q tests/golden_test --update-golden
	@git --no-pager diff --stat -- tests/golden

bench: $(STAMP) ## Whole processes against `python -c pass`; exit 1 when a bound breaks
	@$(BIN)/python -m benchmarks.run

soak: $(STAMP) ## The figures of what is promised: hours
	@$(PYTEST) -m soak $(ARGS)

dist: $(STAMP) ## The wheel, installed in a clean environment, where contract tests and a compile run
	@$(BIN)/python tools/dist.py

clean: ## What can be made again
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
