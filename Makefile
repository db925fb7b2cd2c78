# Every target works on a fresh clone: the first one that needs it makes .venv. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
STAMP := .venv/.installed
SPARK4 := .spark4/.installed
# The first Python 3.11 that really runs: a pyenv shim may be on PATH and still refuse to start.
FIND_PYTHON = for python in python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && break; python=; done; \
	test -n "$$python" || { echo "Python 3.11 is needed (python3.11 or python3 on PATH)." >&2; exit 1; }

.PHONY: help demo test fuzz test-integration check bench bench-full tpch docs package lock

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 20

$(STAMP): requirements.lock pyproject.toml
	@$(FIND_PYTHON); $$python -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(SPARK4): conf/spark4.lock
	rm -rf .spark4
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --target .spark4 --requirement conf/spark4.lock
	@touch $@

demo: $(STAMP) ## Make a shop's data, compute features on DuckDB and Spark, compare them, train a model, score
	$(BIN)/sparkfeat demo

test: $(STAMP) ## Run the tests, except the slow ones
	$(BIN)/pytest tests -m "not slow" --numprocesses=2 --dist=loadgroup

fuzz: $(STAMP) ## Compare random examples with Featuretools: N=1000 [SEED=...] [ENGINE=duckdb] [PRIMITIVES=sum,max]
	$(BIN)/python -W ignore -m tests.parity.fuzz --count $(or $(N),1000) $(if $(SEED),--seed $(SEED)) \
		--engine $(or $(ENGINE),duckdb) $(if $(PRIMITIVES),--primitives $(PRIMITIVES))

test-integration: $(STAMP) $(SPARK4) ## Run the slow tests: real jobs, S3, YARN, all primitives on Spark 3.5 and 4. Needs Maven, Go and Chromium
	.ci/browser
	$(BIN)/python -m tests.support.parts.get
	$(BIN)/pytest tests -m slow --numprocesses=3 --dist=loadgroup --durations=20

check: $(STAMP) ## Lint, format, types, import rules, generated tables
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/docs -m "not slow"

bench: $(STAMP) ## Measure the engines against Featuretools and features by hand, small sizes: minutes
	$(BIN)/python -m benchmarks.run --small

bench-full: $(STAMP) ## Measure the large sizes, and TPC-H at scale 1: hours, 10 GB of disk
	failed=0; $(BIN)/python -m benchmarks.run --full || failed=1; $(BIN)/python -m benchmarks.tpch || failed=1; exit $$failed

tpch: $(STAMP) ## Compute features of the TPC-H customers at scale 1 on all engines
	$(BIN)/python -m benchmarks.tpch

docs: $(STAMP) ## Write the generated pages of docs/ again
	$(BIN)/python -c 'from sparkfeat.support import as_markdown; print(as_markdown(), end="")' > docs/primitives.md

package: $(STAMP) ## Build what EMR needs into dist/: wheel, Python environments, wheelhouses, checksums
	$(BIN)/sparkfeat emr package --output dist

lock: ## Resolve requirements.lock again; versions held back, with reasons: conf/constraints.txt
	@test -x .venv-lock/bin/uv || { $(FIND_PYTHON); $$python -m venv .venv-lock; .venv-lock/bin/pip install --quiet uv; }
	.venv-lock/bin/uv pip compile pyproject.toml --all-extras --constraint conf/constraints.txt \
		--python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock
	.venv-lock/bin/uv pip compile pyproject.toml --extra aws --extra mlflow --constraint requirements.lock \
		--python-version 3.11 --python-platform x86_64-manylinux_2_34 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet \
		--output-file conf/emr/requirements.lock
	.venv-lock/bin/uv pip compile conf/spark4.in --no-deps --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --output-file conf/spark4.lock
