# Two commands do everything on a fresh machine with python3 and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help install demo test check docs benchmark clean

help:
	@echo "make demo       synthesise scenes, annotate them from points, train a network on that, write demo/report.html"
	@echo "make test       the unit suite"
	@echo "make check      lint, types and the import contract"
	@echo "make docs       build the documentation, site/index.html, running its notebooks"
	@echo "make benchmark  what is timed; see docs/results.md"

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("hyperpoint needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@echo "Installing into $(VENV) (once; PyTorch is large)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[all]"
	@touch $@

demo: $(INSTALLED)
	@$(BIN)/hyperpoint demo --out demo

# Two processes, each with one thread: threads of more than there are cores wait for each other.
test: $(INSTALLED)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m "not slow" -n 2

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: export NO_MKDOCS_2_WARNING = 1
docs: $(INSTALLED)
	@$(BIN)/mkdocs build --quiet --strict
	@echo "wrote site/index.html"

benchmark: $(INSTALLED)
	$(BIN)/python -m pytest benchmarks --benchmark-only -q

clean:
	rm -rf $(VENV) demo site .mypy_cache .ruff_cache .pytest_cache .hypothesis
