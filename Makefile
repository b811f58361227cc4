# Makefile - every entry point of the project; `make help` lists them.
#
# One build folder per flag set: build/<compiler>-<mode>, so that switching never mixes objects.
#   CC=gcc|clang   MODE=release|asan|tsan|fuzz   V=1 shows commands   WERROR=-Werror (as in CI)

CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
MODE    ?= release
WERROR  ?= $(if $(CI),-Werror)
TARGET  := $(shell $(CC) -dumpmachine 2>/dev/null)
ARCH    := $(firstword $(subst -, ,$(TARGET)))
B       := build/$(notdir $(CC))-$(MODE)
VERSION := $(shell cat VERSION)
# A tarball of `make dist` says its commit in a file.
COMMIT  := $(shell cat .commit 2>/dev/null || git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

include mk/flags.mk
include mk/sources.mk

all: build/scored ## all: the program, at build/scored

# ---- for users ----

run: ## run: install what is missing, build, serve on 127.0.0.1:8080
	$(Q)tools/install build
	+$(Q)$(MAKE) --no-print-directory $(JOBS) all
	build/scored $(ARGS)

test: ## test: install what is missing, build, and run all tests that need Debian packages alone
	$(Q)tools/install build test
	$(Q)$(MAKE) --no-print-directory test-all

demo: ## demo: score sample masks with curl against a server of its own
	$(Q)tools/install build test
	+$(Q)$(MAKE) --no-print-directory $(JOBS) all
	$(Q)examples/demo

help: ## help: this list
	$(Q)grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^[^#]*## ([^:]*): /\1:/' | \
	    awk -F: '{ name = $$1; sub(/^[^:]*:/, ""); printf "  make %-10s %s\n", name, $$0 }'

clean: ## clean: remove all build folders
	$(Q)rm -rf build

include mk/rules.mk
include mk/release.mk
include mk/tests.mk
include mk/bench.mk
-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all run test demo help clean
.DELETE_ON_ERROR:
