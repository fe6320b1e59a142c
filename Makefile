# make plan: the main job on the shipped data of Kabupaten Kaur. make test: all checks and tests.
PYTHON ?= python3
BIN := .venv/bin
OPERATION ?= data/kaur/operation.toml

.PHONY: plan test types core coverage benchmarks docs check fix clean

plan: .venv/installed
	$(BIN)/kaur-gis plan $(OPERATION)

test: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory -j 2 types core
	$(TESTS) $(BORDERS)

# One processor alone, for a minute: it runs beside the tests.
types: .venv/tested
	$(BIN)/mypy

core: .venv/tested
	$(BIN)/coverage erase
	$(TESTS) $(PURE) --cov --cov-report=
	$(BIN)/coverage report --include='$(CORE)' --fail-under=100

# Every test under coverage, with what is not the pure core: slow, for a look now and then.
coverage: .venv/tested
	$(BIN)/coverage erase
	$(TESTS) --cov --cov-report=
	$(BIN)/coverage report --omit='$(CORE)' --fail-under=85

TESTS := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=30

# The pure core: every branch is tested.
CORE := kaur_gis/plainly.py,kaur_gis/changed.py,kaur_gis/fingerprint.py,kaur_gis/merge.py,kaur_gis/spelling.py,kaur_gis/compared.py,kaur_gis/place.py,kaur_gis/tag.py,kaur_gis/kit.py,kaur_gis/travel/*,kaur_gis/distribute/*,kaur_gis/guard.py,kaur_gis/grouping/*,kaur_gis/reaction.py,kaur_gis/neighbours.py,kaur_gis/other_ways.py,kaur_gis/comms/*,kaur_gis/staff.py,kaur_gis/people.py,kaur_gis/escort.py,kaur_gis/hours.py,kaur_gis/costs.py,kaur_gis/shifts.py,kaur_gis/judge/*,kaur_gis/cut/*,kaur_gis/plan.py,kaur_gis/pipeline.py,kaur_gis/summary.py

# Tests of the borders: files, outputs, the command line. The others reach all of the core, and only they run under
# coverage, which makes a test half as slow again.
BORDERS := tests/read tests/write $(addprefix tests/test_,$(addsuffix .py,\
	catalogue check cli docs draw fetch fetch_shapes kaur layer_models new notebooks public report))
PURE := $(filter-out $(BORDERS),$(patsubst %/,%,$(sort $(dir $(wildcard tests/*/test_*.py)))) $(wildcard tests/test_*.py))

# An installation is redone when what it is made from changes.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $@

# Each prints seconds and ratios against a named baseline in the same run; none fails for being slow.
benchmarks: .venv/tested
	for name in $(notdir $(basename $(wildcard tests/benchmarks/*.py))); do $(BIN)/python -m tests.benchmarks.$$name || exit 1; done

docs: .venv/installed
	$(BIN)/python -c "from kaur_gis.write.columns import layer_page; print(layer_page(), end='')" > docs/layers.md

fix: .venv/tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv build *.egg-info
