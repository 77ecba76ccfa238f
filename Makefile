# `make demo` and `make test` need Python 3.11+ and a C compiler, and nothing else set up.
# With WHEEL=dist/….whl they use that wheel instead of building one from the checkout.

PYTHON ?= python3
VENV ?= .venv
WHEEL ?=
PYTEST_ARGS ?= -n auto
DEMO_ARGS ?=
BENCH_ARGS ?=

# Compared with this grader by benchmarks.grading; each with what it needs besides.
GRADERS := otter-grader nbgrader check50 gradescope-utils

PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
SOURCES := setup.py pyproject.toml MANIFEST.in \
	$(shell find src csrc grader assignments -type f \
		! -name '*.py[co]' ! -name '*.so' ! -name '*.pyd' ! -path '*.egg-info/*' 2>/dev/null)
SHELL_SCRIPTS := .ci/run $(wildcard tools/*.sh)
export WHEEL

.PHONY: demo test test-fast parity lint format sanitize docs bench bench-graders bench-service clean
.DELETE_ON_ERROR:

demo: $(VENV)/.ready-demo
	@$(PY) examples/demo.py $(DEMO_ARGS)

test: $(VENV)/.ready-test
	@DENSEFIT_WHEEL="$$(cat $(VENV)/.wheel)" $(VENV)/bin/pytest $(PYTEST_ARGS)

test-fast: $(VENV)/.ready-test
	@DENSEFIT_WHEEL="$$(cat $(VENV)/.wheel)" $(VENV)/bin/pytest $(PYTEST_ARGS) -m "not slow"

# Compares with Keras, number against number, and puts the table into docs/keras.md.
parity: $(VENV)/.ready-parity
	@mkdir -p build
	DENSEFIT_PARITY=build/parity.json $(VENV)/bin/pytest -p no:xdist tests/parity
	$(PY) tools/keras_table.py build/parity.json

lint: $(VENV)/.ready-lint
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	PATH="$(abspath $(VENV))/bin:$$PATH" cython-lint csrc  # it calls pycodestyle
	$(VENV)/bin/clang-format --dry-run --Werror csrc/*.[ch] benchmarks/*.c
	for script in $(SHELL_SCRIPTS); do bash -n "$$script" || exit 1; done

format: $(VENV)/.ready-lint
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format
	$(VENV)/bin/clang-format -i csrc/*.[ch] benchmarks/*.c

sanitize: $(VENV)/.ready-test
	PYTHON=$(PY) tools/sanitize.sh

docs: $(VENV)/.ready-test
	$(PY) tools/paste_help.py
	$(PY) tools/paste_scaffold.py
	$(PY) tools/attack_table.py
	$(PY) tools/class_table.py
	$(PY) tools/verification_table.py
	$(PY) tools/law_table.py
	$(PY) tools/draw_figures.py
	$(PY) tools/lecture_notebooks.py
	$(PY) -m benchmarks.paste

# With nothing else running; BENCH_ARGS="--repetitions 1" is a first look.
bench: $(VENV)/.ready-bench bench-graders
	$(PY) -m benchmarks.training $(BENCH_ARGS)
	$(PY) -m benchmarks.steps
	$(PY) -m benchmarks.predict
	$(PY) -m benchmarks.memory
	$(PY) -m benchmarks.startup
	$(PY) -m benchmarks.grading
	$(PY) -m benchmarks.scaling
	$(PY) -m benchmarks.paste

# They need different versions of the same packages, so each has an environment of its own.
bench-graders: $(GRADERS:%=build/graders/%/.ready)

build/graders/%/.ready:
	@echo "Installing $* for the comparison ..."
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip --disable-pip-version-check --quiet install $* ipykernel numpy
	@touch $@

# Five hundred students upload at once, with the parts of the tests; needs Debian's postgresql.
bench-service: $(VENV)/.ready-test
	$(PY) -m benchmarks.service
	$(PY) -m benchmarks.paste

clean:
	rm -rf build dist demo $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) tools/preflight.py
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# Changes only when WHEEL does, so that switching between wheel and checkout installs anew.
$(VENV)/.selection: $(VENV)/bin/python FORCE
	@echo "$(WHEEL)" | cmp -s - $@ || echo "$(WHEEL)" > $@

FORCE:

# The path of the wheel under test. Build leftovers would reach the wheel, so they go first.
$(VENV)/.wheel: $(VENV)/.selection $(if $(WHEEL),$(WHEEL),$(SOURCES))
ifeq ($(WHEEL),)
	@$(PYTHON) tools/preflight.py
	@echo "Building the package ..."
	@rm -rf build/lib* build/bdist* $(VENV)/wheels
	@$(PIP) wheel --no-deps --wheel-dir $(VENV)/wheels .
	@echo $(abspath $(VENV))/wheels/*.whl > $@
else
	@echo $(abspath $(WHEEL)) > $@
endif

$(VENV)/.ready-demo: $(VENV)/.wheel
	@echo "Installing the package and what it needs ..."
	@$(PIP) install --force-reinstall --no-deps "$$(cat $<)"
	@$(PIP) install "$$(cat $<)"
	@touch $@

$(VENV)/.ready-%: $(VENV)/.ready-demo
	@echo "Installing what 'make $*' needs ..."
	@$(PIP) install "$$(cat $(VENV)/.wheel)[$*]"
	@touch $@
