# What is not a file here is made by `diptych`, jupyter-book or pytest; this only calls them.

# The first of these that is a Python 3.11 to 3.13; `make PYTHON=/path/to/python book` names another.
PYTHON ?= python3 python3.13 python3.12 python3.11
SUITED = $(firstword $(foreach p,$(PYTHON),$(shell \
  $(p) -c 'import sys; print("$(p)" * ((3, 11) <= sys.version_info[:2] <= (3, 13)))' 2>/dev/null)))
# Another index for torch, such as one with CPU builds: make TORCH_INDEX=https://… test
TORCH_INDEX ?=
PORT ?= 8000
# xdist: as many workers as there are processors, all cells of a notebook on one of them.
WORKERS ?= auto
KILLS ?= 50

INSTALL = pip install --quiet --disable-pip-version-check -c constraints.txt \
  $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: help book serve test hardship notebooks lab lint benchmark clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*##\(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

book: .venv-book/installed  ## build the site into _build/html (needs neither framework)
	@.venv-book/bin/jupyter-book build --warningiserror --nitpick --keep-going --quiet .
	@echo "The site is built: $(CURDIR)/_build/html/index.html"

serve: book  ## build the site and serve it on http://127.0.0.1:8000 (PORT=…)
	@echo "Serving on http://127.0.0.1:$(PORT), until Ctrl-C"
	@.venv-book/bin/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

test: .venv/installed node_modules lint  ## run every test: the rules, the package, the notebooks, the site
	@.venv/bin/python -m pytest -n $(WORKERS) --dist loadfile

hardship: .venv/installed  ## kill a grader at random moments, fifty times (KILLS=…): nothing may be lost
	@.venv/bin/python -m tests.grading.hardship --kills $(KILLS)

notebooks: .venv/installed  ## rebuild the notebooks whose sources changed
	@.venv/bin/diptych build

lab: .venv/lab  ## open your own copy of the chapters and exercises, in work/, in JupyterLab
	@.venv/bin/diptych lab

lint: .venv/installed  ## check the sources and the notebooks with ruff
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet src tests benchmarks conftest.py \
	  || { echo "lint: some files are not formatted; run: .venv/bin/ruff format src tests benchmarks conftest.py"; exit 1; }

benchmark: .venv/installed  ## print the ratios that the project claims, measured side by side
	@for each in benchmarks/*.py; do echo "== $$each"; .venv/bin/python $$each || exit 1; done

clean:  ## remove the built site and the environments
	@rm -rf _build .venv .venv-book node_modules

.venv-book/installed: EXTRA = book
.venv/lab: EXTRA = lab
.venv/installed: EXTRA = test
.venv/installed .venv/lab .venv-book/installed: pyproject.toml constraints.txt
	$(if $(SUITED),,$(error Diptych needs Python 3.11, 3.12 or 3.13, which none of these is: $(PYTHON); name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)))
	@echo "Installing into $(@D) …"
	@$(SUITED) -m venv $(@D) || { echo "make: Python's venv is missing (on Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	@$(@D)/bin/$(INSTALL) --editable '.[$(EXTRA)]'
	@touch $@

node_modules: package.json package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund && touch $@; \
	  else echo "make: npm is missing, so the accessibility tests will not run"; fi
