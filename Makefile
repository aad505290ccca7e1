# `make lab` and `make test` do everything on a fresh clone; `make help` lists the rest.
PYTHON ?= python3
LESSON ?= 01
NOTEBOOKS ?= $(wildcard notebooks/*.ipynb)
LAB_ARGS ?=
PYTEST_ARGS ?=
LOCK_ARGS ?=
LOCK_PYTHON ?= 3.11
CELL_TIMEOUT ?= 600
WEIGHTS ?=
GPU ?=

BIN := .venv/bin
# One for each Python that is named: another one finds nothing of the last one's.
COLAB := .venv-colab-$(notdir $(PYTHON))
# A file's tests stay together: those that share a browser or a kernel stand in one file.
PROCESSES := -n 2 --dist loadfile --no-loadscope-reorder
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=$(CELL_TIMEOUT)
ROOT_ARG := $(if $(filter 0,$(shell id -u)),--allow-root)
# The locked uv with its hashes, in the form pip reads: the lock is the only place that pins it.
LOCKED_UV := sed -n '/^uv==/,/[^\\]$$/p' requirements.lock
# GPU=1: with what TensorFlow needs for an NVIDIA card.
LAB := .venv/.lab $(if $(filter-out 0,$(GPU)),gpu)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lab test check test-colab pytest lint format bench data weights notebooks \
  pictures stamp lock browser gpu clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s%s\n", $$1, $$2}'

lab: $(LAB) ## open the course in JupyterLab, installed if need be (LESSON=03, GPU=1)
	lesson=$$($(BIN)/python tools/lessons.py "$(LESSON)") && \
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" \
	  --LabApp.default_url="/lab/tree/$$lesson" $(ROOT_ARG) $(LAB_ARGS)

# One pytest run for everything: its last line counts every test, notebook cell and browser test.
test: lint pytest ## install, then run every test: unit, notebooks, browser

pytest: export COURSE_OFFLINE = 1
pytest: export TF_CPP_MIN_LOG_LEVEL = 2
pytest: browser
	$(BIN)/pytest $(NBVAL) $(PROCESSES) \
	  tests/project tests/unit tests/networks tests/notebooks tests/teaching notebooks \
	  tests/browser $(PYTEST_ARGS)

check: export COURSE_OFFLINE = 1
check: export COURSE_QUICK = 1
check: export TF_CPP_MIN_LOG_LEVEL = 2
check: lint browser ## while you work: one lesson's notebook and tests (LESSON=03)
	$(BIN)/python tools/check.py "$(LESSON)" $(NBVAL) $(PROCESSES) $(PYTEST_ARGS)

test-colab: export COURSE_OFFLINE = 1
test-colab: export TF_CPP_MIN_LOG_LEVEL = 2
test-colab: $(COLAB)/.done ## unit tests, notebooks, setup cell with Colab's versions
	$(COLAB)/bin/pytest $(NBVAL:--nbval=--nbval-lax) \
	  tests/unit tests/networks tests/notebooks notebooks $(PYTEST_ARGS)

lint: .venv/.test ## mistakes and format (ruff), types (mypy), who imports whom (import-linter)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

format: .venv/.test ## let ruff put right what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: export TF_CPP_MIN_LOG_LEVEL = 2
bench: .venv/.test ## run every benchmark, each beside its peer
	@set -e; for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script; done

data: .venv/.lab ## fetch the real data sets now; later the lessons need no network
	$(BIN)/python tools/fetch_data.py

weights: export TF_CPP_MIN_LOG_LEVEL = 3
weights: .venv/.lab ## train anew the networks that come with the course (WEIGHTS=mnist for one)
	$(BIN)/python tools/make_weights.py $(WEIGHTS)

notebooks: export TF_CPP_MIN_LOG_LEVEL = 2
notebooks: .venv/.test ## re-run every notebook and store its outputs
	$(BIN)/python tools/run_notebooks.py $(NOTEBOOKS)

pictures: browser ## take README's pictures of the explorers (NOTEBOOKS=… for those of one lesson)
	$(BIN)/python tools/picture_explorers.py $(NOTEBOOKS)

stamp: .venv/.test ## write badges and setup cells from the public address
	$(BIN)/python tools/stamp.py

lock: .venv/bin/uv ## make requirements.lock anew (LOCK_ARGS=--upgrade for newer versions)
	$(BIN)/uv pip compile requirements.txt requirements-dev.txt --universal \
	  --python-version $(LOCK_PYTHON) --generate-hashes --no-header --quiet \
	  --output-file requirements.lock $(LOCK_ARGS)

browser: .venv/.test
	@$(BIN)/python tools/browser.py

gpu: .venv/.gpu
	@TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m helpers.networks.devices

clean: ## remove the environments and caches (downloaded data stays)
	rm -rf .venv .venv-colab* *.egg-info build .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# ---- the environments; a stamp file in each says what was installed last -----------------
.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The course needs Python 3.11 or newer, and $(PYTHON) is older or missing." \
	    "Name another one: make PYTHON=python3.12 lab"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments yet. On Debian and Ubuntu:" \
	    "sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(LOCKED_UV) > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --only-binary :all: -r .venv/uv.txt

# JupyterLab asks about news at its first start, unless a setting says no.
LAB_SETTINGS := .venv/share/jupyter/lab/settings
# setuptools, which builds the helpers package, comes with the lock (TensorFlow needs it).
.venv/.lab: requirements.txt requirements.lock pyproject.toml tools/overrides.json \
  | .venv/bin/uv
	$(BIN)/uv pip install --verify-hashes --compile-bytecode \
	  -r requirements.txt -c requirements.lock
	$(BIN)/uv pip install --no-deps --no-build-isolation -e .
	mkdir -p $(LAB_SETTINGS)
	cp tools/overrides.json $(LAB_SETTINGS)
	@touch $@

# The TensorFlow that is there, with CUDA's libraries: 2 GB, so only where a driver answers.
# The lock has no hashes of theirs; what it does name keeps its version and is verified.
.venv/.gpu: .venv/.lab
	@if nvidia-smi -L >/dev/null 2>&1; then \
	  echo "Installing CUDA's libraries for TensorFlow" && \
	  $(BIN)/uv pip install --verify-hashes --compile-bytecode \
	    "tensorflow[and-cuda]" -c requirements.lock && touch $@; \
	fi

.venv/.test: .venv/.lab requirements-dev.txt
	$(BIN)/uv pip install --verify-hashes --compile-bytecode \
	  -r requirements-dev.txt -c requirements.lock
	@touch $@

$(COLAB)/.done: requirements-colab.txt requirements.txt pyproject.toml | .venv/bin/uv
	test -x $(COLAB)/bin/python || $(PYTHON) -m venv $(COLAB)
	$(BIN)/uv pip install --python $(COLAB)/bin/python -r requirements-colab.txt
	$(BIN)/uv pip install --python $(COLAB)/bin/python --no-deps --no-build-isolation -e .
	@touch $@
