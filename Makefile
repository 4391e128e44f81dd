# cydis: `make` alone says what there is.
VENV   ?= .venv
PYTHON ?= python3
PY     := $(VENV)/bin/python
CC     ?= cc
SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

.PHONY: help venv build test test-c test-py run asan bench lint format annotate clean
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@command -v $(CC) >/dev/null || { echo "cydis: no C compiler found; install one, for example: apt-get install gcc libc6-dev" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "cydis: Python 3.11 or newer is needed, this is $$($(PYTHON) --version)" >&2; exit 1; }
	@$(PYTHON) -c 'import sysconfig, os, sys; sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' || { echo "cydis: Python.h is missing; install the headers, for example: apt-get install python3-dev" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "cydis: Python cannot make a virtual environment; install it, for example: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.tools: $(VENV)/bin/python pyproject.toml
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

## make test       set everything up and run the whole test suite
test: build test-c
	$(PY) -m pytest $(ARGS)

## make test-c     the kernels' C tests under ASan and UBSan
C_TESTS := $(patsubst tests/c/%.c,build/c/%,$(wildcard tests/c/test_*.c))
build/c/%: tests/c/%.c $(wildcard csrc/*.c csrc/*.h csrc/internal/*.h tests/c/*.h)
	@mkdir -p build/c
	$(CC) -std=gnu11 -g -O1 -Wall -Wextra -DCYDIS_DEBUG $(SAN) -Icsrc -Itests/c $< csrc/*.c -lm -lpthread -o $@

test-c: $(C_TESTS)
	@set -e; for t in $(C_TESTS); do $$t; done

clean:
	rm -rf build dist src/*.egg-info
	find src -name '*.so' -delete
