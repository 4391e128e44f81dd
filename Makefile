# cydis: `make` alone says what there is.
#
# Everything happens in a virtual environment under .venv, made by the first target that needs it. Builds with
# other switches (asan, debug) happen in a copy of the tree under build/, so that objects never mix.
VENV   ?= .venv
PYTHON ?= python3
PY     := $(VENV)/bin/python
CC     ?= cc
SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
C_SOURCES := $(wildcard csrc/*.c csrc/*/*.c)
C_HEADERS := $(wildcard csrc/*.h csrc/*/*.h)
C_FILES := $(C_SOURCES) $(C_HEADERS) $(wildcard tests/c/*.[ch] tests/fuzz/*.[ch])

.PHONY: help venv build run test test-c fuzz asan debug bench lint format annotate dist dist-check clean
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@command -v $(firstword $(CC)) >/dev/null || { echo "cydis: no C compiler found; install one, for example: apt-get install gcc libc6-dev" >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "cydis: no $(PYTHON) found; install it, for example: apt-get install python3 python3-dev python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "cydis: Python 3.11 or newer is needed, this is $$($(PYTHON) --version)" >&2; exit 1; }
	@$(PYTHON) -c 'import sysconfig, os, sys; sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' || { echo "cydis: Python.h is missing; install the headers, for example: apt-get install python3-dev" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "cydis: Python cannot make a virtual environment; install it, for example: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.tools: pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install -q -U pip
	$(PY) -m pip install -q --group dev
	@touch $@

venv: $(VENV)/.tools

## make build      the virtual environment and the compiled modules, in place
build: venv
	$(PY) setup.py -q build_ext --inplace
	@echo "$(CURDIR)/src" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')/cydis-dev.pth"

## make run        set everything up and serve (ARGS="--port 7000")
run: build
	$(PY) -m cydis $(ARGS)

## make test       set everything up and run the whole test suite (ARGS="-k name")
test: build test-c
	$(PY) -m pytest $(ARGS)

# The kernels with sanitizers, once for all C tests and fuzz drivers.
KERNEL_FLAGS := -std=gnu11 -g -O1 -Wall -Wextra -DCYDIS_DEBUG $(SAN) -Icsrc -Itests/c
KERNELS := $(patsubst csrc/%.c,build/kernels/%.o,$(C_SOURCES))
build/kernels/%.o: csrc/%.c $(C_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(KERNEL_FLAGS) -c $< -o $@

## make test-c     the kernels' C tests under ASan and UBSan, and a second of each fuzz driver
C_TESTS := $(patsubst tests/c/%.c,build/c/%,$(wildcard tests/c/test_*.c))
build/c/%: tests/c/%.c $(KERNELS) $(wildcard tests/c/*.h)
	@mkdir -p build/c
	$(CC) $(KERNEL_FLAGS) $< $(KERNELS) -lm -lpthread -o $@

test-c: $(C_TESTS) $(FUZZERS)
	@set -e; for t in $(C_TESTS); do $$t; done
	@set -e; for t in $(FUZZERS); do $$t --inputs 20000 --seconds 1 --seed 1; done

## make fuzz       every fuzz driver under ASan and UBSan (FUZZ_SECONDS=30 FUZZ_INPUTS=2000000 SEED=1; -j2)
FUZZ_SECONDS ?= 30
FUZZ_INPUTS ?= 2000000
SEED ?= $(shell date +%s)
SEED := $(SEED)
.SECONDARY: $(KERNELS)
fuzz: $(FUZZERS:%=%.run)
build/fuzz/%: tests/fuzz/%.c $(KERNELS) $(wildcard tests/fuzz/*.h tests/c/*.h)
	@mkdir -p build/fuzz
	$(CC) $(KERNEL_FLAGS) -Itests/fuzz $< $(KERNELS) -lm -lpthread -o $@
build/fuzz/%.run: build/fuzz/%
	@$< --inputs $(FUZZ_INPUTS) --seconds $(FUZZ_SECONDS) --seed $(SEED)

# A copy of the tree with all that is not built; what did not change keeps its time, so builds stay incremental.
define copy_tree
	@mkdir -p build/$(1)
	@tar -c --exclude=./build --exclude=./.venv --exclude=./.git --exclude='*.so' --exclude=__pycache__ . | tar -x -C build/$(1)
endef

## make asan       the C tests and the whole Python suite with everything compiled under ASan and UBSan (gcc)
asan: venv test-c
	$(call copy_tree,asan)
	cd build/asan && CYDIS_SANITIZE=address,undefined $(abspath $(PY)) setup.py -q build_ext --inplace
	cd build/asan && PYTHONPATH="$$PWD/src" PYTHONMALLOC=malloc LD_PRELOAD="$$($(CC) -print-file-name=libasan.so)" \
	    ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	    $(abspath $(PY)) -m pytest $(ARGS)

## make debug      the Python suite with assertions, invariant checks and bounds checks compiled in
debug: venv
	$(call copy_tree,debug)
	cd build/debug && CYDIS_DEBUG=1 $(abspath $(PY)) setup.py -q build_ext --inplace
	cd build/debug && PYTHONPATH="$$PWD/src" $(abspath $(PY)) -m pytest $(ARGS)

## make bench      the benchmarks of kernels and of the embedded door; see benchmarks/ for the server's
bench: build
	$(PY) -m pytest benchmarks --benchmark-only $(ARGS)

## make lint       ruff, cython-lint, clang-format, mypy, and the stubs against the compiled modules
lint: build
	$(VENV)/bin/ruff check .
	PATH="$(abspath $(VENV)/bin):$$PATH" $(VENV)/bin/cython-lint src
	$(if $(C_FILES),$(VENV)/bin/clang-format --dry-run -Werror $(C_FILES))
	$(VENV)/bin/mypy
	cd src && $(abspath $(PY)) -m mypy.stubtest cydis --concise --mypy-config-file ../pyproject.toml \
	    --allowlist ../tests/data/stubtest.txt --ignore-unused-allowlist

## make format     clang-format over csrc and the C tests, ruff's safe repairs over Python
format: venv
	$(if $(C_FILES),$(VENV)/bin/clang-format -i $(C_FILES))
	$(VENV)/bin/ruff check --fix --exit-zero -q .

## make annotate   the generated C beside the Cython lines, as HTML under build/cython
annotate: venv
	CYDIS_ANNOTATE=1 $(PY) setup.py -q build_ext --inplace
	@find build/cython -name '*.html'

## make dist       source distribution and wheel under dist/
dist: venv
	rm -rf dist
	$(PY) -m build

## make dist-check the wheel, and the source distribution, each in an empty environment away from the checkout
CHECKED := build/dist-check
dist-check: dist
	rm -rf $(CHECKED) && mkdir -p $(CHECKED)/sdist
	tar -xzf dist/cydis-*.tar.gz -C $(CHECKED)/sdist --strip-components=1
	cp -r $(CHECKED)/sdist/tests $(CHECKED)/sdist/pyproject.toml $(CHECKED)
	set -e; for source in dist/cydis-*.whl $(CHECKED)/sdist; do \
	    rm -rf $(CHECKED)/venv && $(PYTHON) -m venv $(CHECKED)/venv; \
	    $(CHECKED)/venv/bin/python -m pip install -q -U pip; \
	    $(CHECKED)/venv/bin/python -m pip install -q --group pyproject.toml:test "$$(ls -d $$PWD/$$source)"; \
	    (cd $(CHECKED) && venv/bin/python -m pytest -q -m wheel tests); \
	done

## make clean      all that was built, but not the virtual environment
clean:
	rm -rf build dist src/*.egg-info
	find src -name '*.so' -delete
