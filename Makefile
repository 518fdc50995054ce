# Everything a person types. Two environments, each rebuilt only when pyproject.toml or constraints.txt changed:
#   .venv       what a user of the zoo installs: the base and onnxruntime, no torch
#   .venv-test  what a developer needs: the extras gpu, serve, train, export and test
# A stamp is written only after pip succeeded, so a failed or interrupted install is done again.

PYTHON ?= python3
# The runtime that the tests use: gpu also runs without a GPU; name cpu where onnxruntime-gpu has no wheel (macOS).
RUNTIME ?= gpu
PYTEST_ARGS ?=
BENCH_ARGS ?=
SERVE_ARGS ?=

PIP_FLAGS := --quiet --disable-pip-version-check --constraint constraints.txt

USER_ENV := .venv/.installed
SERVE_ENV := .venv/.installed-serve
TEST_ENV := .venv-test/.installed
PINS := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check bench serve clean python

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Choose the interpreter (3.11 to 3.13) with PYTHON, as in: make demo PYTHON=python3.12"

demo: $(USER_ENV) ## score pairs, list regulators, delete yeast genes from the bundled weights, without torch
	.venv/bin/python examples/demo.py

test: $(TEST_ENV) ## run every test, one process a core (ZOO_DATA, if set, is the data folder)
	OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= .venv-test/bin/python -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

check: $(TEST_ENV) ## lint, formatting, types and layers
	.venv-test/bin/ruff check .
	.venv-test/bin/ruff format --check .
	.venv-test/bin/pyright --pythonpath .venv-test/bin/python
	.venv-test/bin/lint-imports

bench: $(USER_ENV) $(TEST_ENV) ## measure start, scoring, re-ranking, screens and scored predictions; write benchmarks/README.md
	@mkdir -p benchmarks/results
	.venv/bin/python benchmarks/startup.py --json $(BENCH_ARGS) > benchmarks/results/.startup
	@mv benchmarks/results/.startup benchmarks/results/startup.json
	.venv-test/bin/python benchmarks/exhaustive.py
	.venv-test/bin/python benchmarks/reranking.py
	.venv-test/bin/python findings/retrieve-and-rerank/page.py
	.venv-test/bin/python benchmarks/screening.py
	.venv-test/bin/python benchmarks/evaluate_predictions.py
	.venv-test/bin/python benchmarks/page.py

serve: $(SERVE_ENV) ## answer over HTTP on this machine
	.venv/bin/zoo serve $(SERVE_ARGS)

clean: ## remove both environments and what the tools left
	rm -rf .venv .venv-test build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info < (3, 14); ok or sys.exit( \
	  "regzoo needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d. Name another one, as in: make demo PYTHON=python3.12" \
	  % sys.version_info[:2])'

$(USER_ENV): $(PINS) | python
	@echo "Installing the zoo into .venv, without torch (under a minute on most lines)"
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install $(PIP_FLAGS) --editable '.[cpu]'
	@touch $@

$(SERVE_ENV): $(USER_ENV)
	.venv/bin/python -m pip install $(PIP_FLAGS) --editable '.[cpu,serve]'
	@touch $@

$(TEST_ENV): $(PINS) | python
	@echo "Installing everything, torch included, into .venv-test (2 GB, a few minutes)"
	$(PYTHON) -m venv --clear .venv-test
	.venv-test/bin/python -m pip install $(PIP_FLAGS) --editable '.[$(RUNTIME),serve,train,export,test]'
	@touch $@
