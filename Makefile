# Brainlike: `make` or `make book` builds the book, `make test` runs the tests. Each first adds to
# .venv what it needs and is not there yet. See `make help`.

PYTHON ?= python3
# where pip finds torch, if not where it finds the rest (say, an index of CPU-only wheels)
TORCH_INDEX ?=
BENCH ?=
BOOK_OPTIONS ?=
TEST_OPTIONS ?=
ASSIGNMENTS ?=
NAME ?=
NETWORKS ?=
TODAY ?=
WRITE ?=
SUBMISSIONS ?=
GRADE_OPTIONS ?=
# A shell's own TERM names its terminal: from there only what starts with a year is a term.
TERM_NAME := $(or $(if $(filter command,$(origin TERM)),$(TERM)),$(filter 20%,$(TERM)))

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Packages are compiled when they are first imported: the book uses a quarter of their files.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
export PYTHONDONTWRITEBYTECODE :=
# The parts of the environment beyond the book's, each an extra in pyproject.toml or several.
PARTS := test lab assignments pdf
WITH_test := test assignments pdf
WITH = $(or $(WITH_$*),$*)
# The sandbox of submissions cannot keep what it compiles.
COMPILED := test assignments

.PHONY: book test site-test cohort-test lab assignments grade pdf bench networks studies linkcheck set-up \
	clean distclean constraints help
.NOTPARALLEL:  # one pip at a time

book: $(READY)  ## build the book into _build/html (the default)
	@$(BIN)/python -u book/build.py $(BOOK_OPTIONS)

test: $(READY)-test  ## lint, check the format, run the tests (not those of the built site)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 \
		$(BIN)/python -m pytest -n auto --maxprocesses 4 -m "not site and not cohort" $(TEST_OPTIONS)

site-test: $(READY)-test  ## browser tests of the book in _build/html; needs Chromium
	@$(BIN)/python -m pytest -m site -n 2 --dist loadgroup tests/site $(TEST_OPTIONS)

cohort-test: $(READY)-test  ## grade sixty submissions whose grades are known; takes minutes
	@$(BIN)/python -m pytest -m cohort tests/classroom $(TEST_OPTIONS)

assignments: $(READY)-assignments  ## student notebooks, autograders and solutions of a term: TERM=2027-spring
	@$(BIN)/python -m classroom.assign --term "$(or $(TERM_NAME),practice)" $(ASSIGNMENTS)

grade: $(READY)-assignments  ## grade a folder of submitted notebooks: SUBMISSIONS=folder
	@test -n "$(SUBMISSIONS)" || { echo "Say which folder: make grade SUBMISSIONS=folder"; exit 2; }
	@$(BIN)/python -m classroom.grade "$(SUBMISSIONS)" $(if $(TERM_NAME),--term "$(TERM_NAME)") $(GRADE_OPTIONS)

pdf: $(READY)-pdf  ## the built book as one PDF, _build/brainlike.pdf; needs Chromium
	@$(BIN)/python -u book/pdf.py

lab: $(READY)-lab  ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir notebooks

bench: $(READY)-test  ## time our functions against their peers; BENCH=memory or olfaction for the long ones
	@$(BIN)/python -m benchmarks $(BENCH)

networks: $(READY)  ## train networks of the book again and compare: NETWORKS="dual:0 nose:1", TODAY=1 or all; WRITE=1 replaces
	@$(BIN)/python -u -m brainlike networks $(if $(WRITE),--write) $(if $(TODAY),--today) $(NETWORKS)

studies: $(READY)  ## make tables of runs over seeds anew, those that pages cite: NAME=fixed_k
	@test -n "$(NAME)" || { echo "Say which: make studies NAME=fixed_k"; exit 2; }
	@$(BIN)/python -m studies $(NAME)

linkcheck: $(READY)  ## check the links that lead out of the book
	@$(BIN)/python -u book/build.py --linkcheck

set-up: $(READY) $(PARTS:%=$(READY)-%)  ## the whole environment at once

clean:  ## remove what the build made (not the environment, not the cache)
	@rm -rf _build

distclean: clean  ## remove the environment as well
	@rm -rf $(VENV)

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  PYTHON=python3.12 and TORCH_INDEX=URL choose the interpreter and torch's source;"
	@echo "  BRAINLIKE_DATA=FOLDER holds real data, BRAINLIKE_CACHE=FOLDER what is made once."

# The mark is written last: an interrupted set-up is started over, a finished one is updated when
# the requirements change.
$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { \
		echo "$(PYTHON) was not found; name a Python 3.11 or newer: make PYTHON=/path/to/python3"; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; " + sys.executable + " is " \
		+ sys.version.split()[0] + ". Name another: make PYTHON=python3.12" \
		if sys.version_info < (3, 11) else 0)'
	@echo "setting up $(VENV): about a minute and 2 GB, once"
	@start=$$(date +%s); set -e; \
	test -e $(READY) || $(PYTHON) -m venv --clear $(VENV); \
	rm -f $(READY); \
	$(PIP) $(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") torch; \
	$(PIP) -e ".[book]"; \
	echo $$(( $$(date +%s) - start )) > $(VENV)/setup-seconds; \
	echo "set up in $$(cat $(VENV)/setup-seconds) s"; \
	touch $(READY)

$(READY)-%: $(READY)
	@echo "adding to $(VENV) what 'make $*' needs"
	@rm -f $(addprefix $(READY)-,$(WITH))
	@$(PIP) -e ".[$$(echo $(WITH) | tr ' ' ,)]"
	$(if $(filter $*,$(COMPILED)),@$(BIN)/python -W ignore -m compileall -qq -j 0 $(VENV)/lib || true)
	@touch $(addprefix $(READY)-,$(WITH))

constraints:  ## choose today's versions anew and write constraints.txt
	@rm -rf _build/constraints && $(PYTHON) -m venv _build/constraints
	@_build/constraints/bin/pip install --quiet \
		$(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") torch
	@_build/constraints/bin/pip install --quiet -e ".[book,test,lab,assignments,pdf]"
	@{ echo "# The exact versions that CI proved together. Written by 'make constraints'; run 'make book',"; \
	   echo "# 'make test' and 'make site-test' before you commit a new one."; \
	   _build/constraints/bin/pip freeze --exclude-editable \
	     | grep -Ev '^(nvidia|cuda)-|^triton=' | sed 's/+[A-Za-z0-9.]*$$//'; \
	 } > constraints.txt.part
	@mv constraints.txt.part constraints.txt && rm -rf _build/constraints
