# sources.mk - which files belong to which layer; found, not listed.

BASE_SRC    := $(wildcard src/base/*.c)
KERNEL_SRC  := $(wildcard src/kernels/*.c src/kernels/math/*.c)
# Compiled once per instruction set level, with -DSC_ISA=<level>.
ISA_SRC     := $(wildcard src/kernels/losses/*.c src/kernels/activations/*.c src/kernels/metrics/*.c) \
               src/kernels/isa/table.c
CODEC_SRC   := $(wildcard src/codec/*.c)
CODEC_ISA_SRC := $(wildcard src/codec/isa/*.c)
HTTP_SRC    := $(wildcard src/server/http/*.c)
SERVER_SRC  := $(filter-out src/server/main.c,$(wildcard src/server/*.c src/server/handlers/*.c \
               src/server/cli/*.c))

obj = $(patsubst %.c,$(B)/%.o,$(1))
BASE_OBJ    := $(call obj,$(BASE_SRC))
KERNEL_OBJ  := $(call obj,$(KERNEL_SRC)) \
               $(foreach isa,$(ISAS),$(patsubst %.c,$(B)/%.$(isa).o,$(ISA_SRC)))
CODEC_OBJ   := $(call obj,$(CODEC_SRC)) \
               $(foreach isa,$(ISAS),$(patsubst %.c,$(B)/%.$(isa).o,$(CODEC_ISA_SRC)))
HTTP_OBJ    := $(call obj,$(HTTP_SRC))
SERVER_OBJ  := $(call obj,$(SERVER_SRC)) $(B)/src/server/contract.o
