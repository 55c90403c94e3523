# first90: `make run` shows it at work, `make test` proves it. Both set up .venv by themselves.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
READY := .venv/.ready
SANDBOX ?= $(or $(FIRST90_HOME),var)/sandbox

export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
export PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY := false
# Containers often set it, and then every worker of the tests rewrites and compiles 200 files anew before its first test.
unexport PYTHONDONTWRITEBYTECODE

# How much of the long proofs `make test` does: usual (a share of their cases) or whole.
PROOFS ?= usual
PROVING := --hypothesis-profile=$(PROOFS)
NOT_LONG := $(if $(filter whole,$(PROOFS)),, and not long)

DIST ?= dist
# The time of the last commit, so that the same commit gives the same bytes.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 1580601600)

.DEFAULT_GOAL := help
ENGINE ?= docker
BASE ?= $(shell sed -n 's/^ARG BASE=//p' deploy/image/Dockerfile)

.PHONY: help run run-salesforce test quick bench dist sbom image pins site

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## one whole cycle on the sample portfolio, as real Prefect flow runs, with a summary
	@as_of=$$($(BIN)/first90 sample) && $(BIN)/first90 run --as-of "$$as_of"

run-salesforce: $(READY) ## the same against a Salesforce on this machine (docs/sandbox.md); again: nothing new to send
	@$(BIN)/first90 sandbox --home "$(SANDBOX)" -- $(BIN)/first90 run --as-of '{as_of}'

test: $(READY) ## ruff, mypy, all tests on SQLite and PostgreSQL; PROOFS=whole with the long proofs and all random examples, as CI does
	@echo "== style and types"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@echo "== tests ($(PROOFS); those on a real Prefect server mostly wait and so run beside the others)"
	@said=$$(mktemp) && trap 'rm -f "$$said"' EXIT; \
	$(BIN)/python -m pytest $(PROVING) -m "prefect$(NOT_LONG)" > "$$said" 2>&1 & served=$$!; \
	nice -n 5 $(BIN)/python -m pytest $(PROVING) -n 2 --dist worksteal -m "not prefect$(NOT_LONG)"; others=$$?; \
	echo "== tests on a real Prefect server"; wait $$served; served=$$?; cat "$$said"; \
	exit $$((others || served))

quick: $(READY) ## the tests of two minutes: no Prefect server, no long proofs, fewer random examples
	@$(BIN)/ruff check .
	@$(BIN)/python -m pytest -n 2 --dist worksteal --hypothesis-profile=quick -m "not slow and not prefect"

bench: $(READY) ## what it costs, beside a floor of the same run: one table, kept in benchmarks/RESULTS.md; LARGE=--large for the sizes of the goals
	@$(BIN)/python -m benchmarks $(LARGE)

dist: $(READY) ## the source archive and the wheel, in dist/; the same bytes for the same commit (docs/packaging.md)
	@$(BIN)/python -m hatchling build -d "$(DIST)"
	@cd "$(DIST)" && sha256sum first90-*

image: ## the container image first90:VERSION, of the wheel that it builds first (docs/containers.md)
	@rm -f dist/*.whl && $(MAKE) dist DIST=dist
	@$(ENGINE) build --build-arg BASE="$(BASE)" --tag "first90:$$($(BIN)/python -c 'from importlib.metadata import version; print(version("first90"))')" \
		--file deploy/image/Dockerfile .

pins: ## the digest of each image of others behind its version, in the files of deploy/ (asks the registries)
	@ENGINE="$(ENGINE)" deploy/image/pin

sbom: $(READY) ## what a running first90 consists of, with licences, as CycloneDX in dist/first90.cdx.json
	@$(BIN)/python deploy/sbom.py "$(DIST)/first90.cdx.json"

site: $(READY) ## the documents as a site, in dist/site; no network is needed to build or to read it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --site-dir "$(DIST)/site"
	@echo "$(DIST)/site/index.html"

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "first90 needs Python 3.11, 3.12 or 3.13: install one, or say make PYTHON=/path/to/python"; exit 2; }
	@echo "== setting up .venv with $$($(PYTHON) --version) (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --no-color --progress-bar off \
		--no-deps --require-hashes -r requirements.lock 2>&1 | awk -v all=$$(grep -c '^[a-z].*==' requirements.lock) \
		'/^(Collecting|Processing|Requirement already)/ { if (++n % 20 == 0) print "   " n " of " all " packages found" } \
		/^Installing/ { print "   installing them" } /^ERROR|^  *(Expected|Got)/ { print } { fflush() }'
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q cli config database flows integrations onboarding sandbox supervisor tasks web
	@touch $@
