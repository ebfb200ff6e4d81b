# What a developer does in a day. `make serve` and `make test` set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEEDS ?= 1000
FIRST ?= 0

.PHONY: serve test test-slow simulate perf-check lint types layers check pins clean

serve: $(VENV)/.run   ## run the daemon on the embedded SQLite file
	$(BIN)/cfscraper serve

test: $(VENV)/.dev    ## run the suite, on up to four cores
	$(BIN)/python -m pytest -m "not slow" -n auto --maxprocesses 4 --dist worksteal

test-slow: $(VENV)/.dev   ## run what takes long
	$(BIN)/python -m pytest -m slow --timeout 1200

simulate: $(VENV)/.dev   ## many simulated stories, on all cores: make simulate SEEDS=100000 FIRST=0
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --first $(FIRST)

perf-check: $(VENV)/.dev   ## is anything slower than perf/baselines by more than 5 %? 0 no, 1 yes, 2 cannot tell; ten minutes
	$(BIN)/python -m perf check

lint: $(VENV)/.dev    ## format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev   ## mypy, strict
	$(BIN)/mypy

layers: $(VENV)/.dev  ## the import contracts of setup.cfg
	$(BIN)/lint-imports

check: lint types layers test   ## all that CI does

pins: $(VENV)/.dev    ## renew the constraints files, with hashes, for every supported Python
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -o constraints.txt
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra otel -c constraints.txt -o constraints-otel.txt
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev -c constraints-otel.txt -o constraints-dev.txt
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['build-system']['requires'], sep='\n')" | \
	$(BIN)/uv pip compile - --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -o k8s/constraints-build.txt

clean:                ## remove what was set up and cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.run: constraints.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run constraints-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints-dev.txt
	touch $@
