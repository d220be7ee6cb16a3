SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
OURS := proto services/chassis services/intake services/workflow services/capa services/notify services/analytics services/gateway deploy/stack deploy/ctl
STAMP := .venv/.installed
DIR ?= .data
# Every process of ours starts a second sooner with its bytecode kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml $(addsuffix /pyproject.toml,$(OURS))
	@echo "preparing .venv (first time: a minute or two)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/pip install --quiet uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps $(addprefix -e ./,$(OURS))
	@touch $@

.PHONY: setup
setup: $(STAMP) ## create .venv with every locked dependency and our own distributions

.PHONY: run
run: $(STAMP) ## start everything, play the demo on the bilingual sample, stay up (Ctrl-C stops all)
	@$(BIN)/redressctl up --dir $(DIR) --demo

.PHONY: up
up: $(STAMP) ## start the embedded stack without the demo (Ctrl-C stops all)
	@$(BIN)/redressctl up --dir $(DIR)

.PHONY: demo
demo: $(STAMP) ## play the demo on a fresh stack and stop; DATA=file.csv for a file of your own
	@$(BIN)/redressctl demo --own-stack $(if $(DATA),--data $(DATA))

.PHONY: test
test: $(STAMP) ## every test: unit, architecture, contracts, integration, end to end, short chaos
	@$(BIN)/pytest $(ARGS)

.PHONY: check
check: $(STAMP) ## seconds: lint, format, types, import contracts, freshness of generated files, unit tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python -m tools.generate --check
	@$(BIN)/pytest -q tests/*/unit tests/architecture tests/contracts --ignore=tests/contracts/integration

.PHONY: fmt
fmt: $(STAMP) ## format and fix what can be fixed
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

.PHONY: generate
generate: $(STAMP) ## protos, event schemas, AsyncAPI and OpenAPI from their sources
	@$(BIN)/python -m tools.generate

.PHONY: lock
lock: ## renew requirements.lock and each service's own lock
	@bash tools/lock.sh

.PHONY: test-cluster
test-cluster: $(STAMP) ## the chart on the cluster of REDRESS_E2E_KUBECONFIG: install, upgrade and kills under load, removal
	@$(BIN)/pytest tests/deploy/cluster $(ARGS)

.PHONY: test-cluster-double
test-cluster-double: $(STAMP) ## the same tests against a double of a cluster, as processes of this machine
	@REDRESS_E2E_DOUBLE=1 $(BIN)/pytest tests/deploy/cluster $(ARGS)

.PHONY: chaos
chaos: $(STAMP) ## ten minutes of faults under load, then nothing may be lost or doubled; ARGS="--seed 1 --seconds 60"
	@$(BIN)/python -m tests.chaos $(ARGS)

.PHONY: bench
bench: $(STAMP) ## what a complaint costs: throughput, latency, event lag, CPU, against pgbench; ARGS="--layers" or "--listing"
	@$(BIN)/python -m tests.bench $(ARGS)

.PHONY: drill
drill: $(STAMP) ## lose PostgreSQL on purpose, restore it in three ways: what is gone (RPO), how long it took (RTO)
	@$(BIN)/python -m tests.drill $(ARGS)

.PHONY: images
images: ## build the container images with docker, podman or buildah; SERVICE=, TAG=, REGISTRY=, BASE= (docs/images.md)
	@tools/images.sh

.PHONY: sbom
sbom: $(STAMP) ## what each image would hold, as CycloneDX in dist/, without a container engine; SERVICE=
	@tools/sbom.sh

.PHONY: chart
chart: $(STAMP) ## lint the chart, render every profile into dist/chart/, package it into dist/
	@$(BIN)/python -m tools.chart

.PHONY: clean
clean: ## remove .venv and the embedded stack's data
	@rm -rf .venv $(DIR)
