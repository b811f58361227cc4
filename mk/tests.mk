# tests.mk - what is tested, with what, and how. `make test` is for everybody, `make check` is what
# CI runs. A stage is a target here; its programs end with `WHAT: N passed, N failed`, and
# tests/stages adds these up.

PYTHON       ?= /usr/bin/python3
FUZZ_SECONDS ?= 8
# Modules of the HTTP tests to run; empty: all. Under tsan those with much at once.
HTTP         ?= $(if $(filter tsan,$(MODE)),lifecycle slow observe teams memory segmentation tls limits merge v2)
# Modules of the tests of clients; empty: all.
CLIENTS      ?=
VENV         := build/venv
CROSS        := aarch64-linux-gnu
QEMU         := qemu-aarch64 -L /usr/$(CROSS)
SC_SOURCES    = $(shell git ls-files -co --exclude-standard '*.c' '*.h' '*.inc' ':!*/power10.inc')
SCRIPTS       = $(shell git grep -lE '^\#!/bin/(ba)?sh' -- . )

# A pipe fails where its first command does.
bits: SHELL := /bin/bash

# Parallel unless the caller has said how.
JOBS   = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
stages = +$(Q)STAGE_MAKE='$(MAKE) $(JOBS)' tests/stages $(1)

TEST_STAGES  := layers unit 'bits BITS=small' http
CHECK_STAGES  = lint '&ahead' layers unit numbers near bits http 'http HTTP=proxies' clients contract-check wait \
                'unit CC=clang TOGETHER=some' 'near CC=clang' 'unit TOGETHER=some SC_ISA_MAX=$(firstword $(ISAS))' determinism asan fuzz demo-check accuracy-quick kernels \
                pairs reproducible release-check $(call rooted,lab,'lab LAB=short') $(call rooted,container,container)
# rooted FOLDER STAGE - the stage, where its tests/FOLDER/possible says that it is; with ALL=yes in any case: there it fails.
rooted        = $(if $(ALL),$(2),$(shell tests/$(1)/possible && echo "$(2)"))

test-all:
	$(call stages,test $(TEST_STAGES))

check: export WERROR = -Werror
check: ## check: everything that CI runs, with the time of each stage
	$(call stages,check $(CHECK_STAGES))

# What the later stages of `check` need, built while the earlier ones wait.
ahead:
	+$(Q)$(MAKE) --no-print-directory CC=gcc MODE=asan build/gcc-asan/unit build/gcc-asan/bits build/gcc-asan/scored
	+$(Q)$(MAKE) --no-print-directory CC=clang build/clang-release/unit build/clang-release/near build/clang-release/bits
	+$(Q)$(MAKE) --no-print-directory CC=$(CROSS)-gcc AR=$(CROSS)-ar build/$(CROSS)-gcc-release/bits
	+$(Q)$(MAKE) --no-print-directory CC=clang MODE=fuzz $(FUZZERS:%=build/clang-fuzz/%)

asan: ## asan: unit and HTTP tests under AddressSanitizer and UBSan
	$(call stages,asan 'unit MODE=asan TOGETHER=some' 'bits MODE=asan BITS=small' 'http MODE=asan HTTP_JOBS=2')

tsan: ## tsan: the server under ThreadSanitizer, kernels on one thread
	$(call stages,tsan 'http MODE=tsan')

long: ## long: hours of fuzzing, and the sanitizers with clang too
	$(call stages,long 'numbers NUMBERS=all' 'near NEAR=all' 'fuzz FUZZ_SECONDS=1200' 'asan CC=clang' tsan 'http CC=clang' 'reproducible REPRODUCE=all' slow lab soak)

# ---- stages ----

SEES_tests := $(SEES_server)
ALL_OBJ    := $(SERVER_OBJ) $(HTTP_OBJ) $(CODEC_OBJ) $(B)/libscore.a
ALL_LIBS   := $(LIBS_server) $(LIBS_codec) -lm
UNIT_OBJ   := $(call obj,$(wildcard tests/unit/*.c)) \
              $(foreach isa,$(ISAS),$(patsubst %.c,$(B)/%.$(isa).o,$(wildcard tests/unit/isa/*.c)))
FUZZERS    := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

$(B)/tests/%.o: tests/%.c
	$(call compile,tests)
# What is compiled for each level.
define isa_test_rule
$$(B)/tests/unit/isa/%.$(1).o: tests/unit/isa/%.c
	$$(call compile,tests,$$(MARCH_$(1)) -DSC_ISA=$(1))
endef
$(foreach isa,$(ISAS),$(eval $(call isa_test_rule,$(isa))))

# A machine that computes wrongly, where a test asks for it: tests/unit/wrong_run.c.
WRONG := -Wl,--wrap=sc_run

$(B)/unit: $(UNIT_OBJ) $(ALL_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(WRONG) $(OPENMP) -o $@ $^ $$(pkg-config --libs check) $(ALL_LIBS)

# ASan keeps what was freed, libcheck frees a message for each assertion, and at the end of each test all of it is
# looked through for leaks: little is kept.
unit: $(B)/unit
	$(Q)ASAN_OPTIONS=$(if $(ASAN_OPTIONS),$(ASAN_OPTIONS):)quarantine_size_mb=8 CK_VERBOSITY=minimal $<

$(B)/numbers: $(call obj,$(wildcard tests/numbers/*.c)) $(CODEC_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_codec) -lm

# Decimal numbers against the C library; NUMBERS=all: every float32, and 10 million texts.
numbers: $(B)/numbers
	$(Q)$< $(NUMBERS)

$(B)/near: $(call obj,$(wildcard tests/near/*.c)) $(B)/libscore.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(OPENMP) -o $@ $^ -lm

# Activations of float32 against those of float64, rounded; NEAR=all: every float32.
near: $(B)/near
	$(Q)$< $(NEAR)

$(B)/bits: $(call obj,$(wildcard tests/bits/*.c)) $(B)/libscore.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(OPENMP) -o $@ $^ -lm

# The same bits for any number of threads, any instruction set, any cut into batches.
bits: $(B)/bits
	$(Q)set -o pipefail; OMP_WAIT_POLICY=passive $< $(BITS) | tail -n 1

# ... and as another commit gave them: for changes that only make something faster.
AGAINST ?= origin/main
same-bits: $(B)/bits ## same-bits: are results bit for bit those of AGAINST=COMMIT?
	$(Q)BITS='$(BITS)' tests/same_bits $(AGAINST) $<

# ... and for any compiler and machine.
determinism:
	+$(Q)$(MAKE) --no-print-directory $(JOBS) build/gcc-release/bits CC=gcc MODE=release
	+$(Q)$(MAKE) --no-print-directory $(JOBS) build/clang-release/bits CC=clang MODE=release
	+$(Q)$(MAKE) --no-print-directory $(JOBS) build/$(CROSS)-gcc-release/bits MODE=release \
	    CC=$(CROSS)-gcc AR=$(CROSS)-ar
	$(Q)OMP_WAIT_POLICY=passive tests/determinism build/gcc-release/bits build/clang-release/bits \
	    '$(QEMU) build/$(CROSS)-gcc-release/bits'

$(B)/scored-wrong: $(B)/src/server/main.o $(B)/tests/unit/wrong_run.o $(ALL_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(WRONG) $(OPENMP) -o $@ $^ $(ALL_LIBS)

http: $(B)/scored $(B)/scored-wrong
	$(Q)SCORED=$< $(PYTHON) tests/http/run.py $(HTTP)

# The clients of users come from PyPI, pinned; without a network this fails, and says so.
$(VENV)/ready: tests/requirements.txt
	$(call say,VENV,$(VENV))
	$(Q)$(PYTHON) -m venv --clear $(VENV)
	$(Q)$(VENV)/bin/pip install -q --disable-pip-version-check -r $< || \
	    { echo 'clients: PyPI does not give the packages of $<; is there a network?' >&2; exit 1; }
	$(Q)touch $@

clients: $(B)/scored $(VENV)/ready ## clients: the clients that users have, from PyPI, against the server
	$(Q)SCORED=$< $(VENV)/bin/python tests/clients/run.py $(CLIENTS)

perf-analyzer: $(B)/scored ## perf-analyzer: NVIDIA's load generator, in a root of Debian 13; by hand, as root
	$(Q)tools/install perf
	$(Q)SCORED=$< tests/clients/perf_analyzer

build/contract/ready: tests/contract/requirements.txt tests/contract/package.json
	$(call say,VENV,build/contract)
	$(Q)$(PYTHON) -m venv --clear build/contract
	$(Q)build/contract/bin/pip install -q --disable-pip-version-check -r $<
	$(Q)cp tests/contract/package.json build/contract
	$(Q)build/contract/bin/npm install --silent --no-audit --no-fund --prefix build/contract
	$(Q)touch $@

contract-check: $(B)/scored build/contract/ready ## contract-check: the contract under its linter, the program under requests made from it
	$(Q)SCORED=$< build/contract/bin/python tests/contract/run.py build/contract

accuracy: $(B)/scored ## accuracy: worst errors against mpmath; writes docs/accuracy.md
	$(Q)SCORED=$< $(PYTHON) tests/accuracy/accuracy.py --write docs/accuracy.md

accuracy-quick: $(B)/scored
	$(Q)SCORED=$< $(PYTHON) tests/accuracy/accuracy.py quick

golden: ## golden: compute the golden cases anew, with mpmath
	$(Q)$(PYTHON) tests/golden/make_golden.py

layers: $(B)/libscore.a
	$(Q)tests/check_layers $<

demo-check: $(B)/scored
	$(Q)SCORED=$< tests/check_demo

fuzz: ## fuzz: replay the kept inputs of each fuzzer, then FUZZ_SECONDS of new ones
	+$(Q)$(MAKE) --no-print-directory $(JOBS) CC=clang MODE=fuzz fuzz-run

fuzz-run: $(FUZZERS:%=$(B)/%)
	$(Q)tests/run_fuzzers $(B) $(FUZZ_SECONDS) $(FUZZERS)

$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(ALL_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(ALL_LIBS)

# Needs `tools/install slow`. SLOW_SECONDS of each way to be slow.
slow: $(B)/scored ## slow: slowhttptest and clients that take nothing, beside a good client
	$(Q)SCORED=$< $(PYTHON) tests/slow/run.py

# Needs root and `tools/install lab`. LAB=short: as in `make check`.
lab: $(B)/scored ## lab: replicas ended, killed and cut off behind HAProxy and nginx, in network namespaces
	$(Q)SCORED=$< LAB=$(LAB) $(PYTHON) tests/lab/run.py

# SOAK_SECONDS of it.
soak: $(B)/scored ## soak: half an hour of mixed work; neither memory nor descriptors may grow
	$(Q)SCORED=$< $(PYTHON) tests/soak/run.py

format: ## format: clang-format on all C
	$(Q)clang-format -i $(SC_SOURCES)

lint: ## lint: format, clang-tidy, shellcheck, hygiene
	$(Q)CC=clang PYTHON=$(PYTHON) tests/lint

.PHONY: test-all check ahead asan tsan long slow lab soak unit numbers near bits same-bits determinism http clients perf-analyzer contract-check \
        accuracy accuracy-quick golden layers demo-check fuzz fuzz-run format lint
.PRECIOUS: $(B)/tests/%.o
