# flags.mk - warnings, the float contract, one include path a layer, sanitizers.

WARNINGS := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wpointer-arith \
            -Wcast-qual -Wwrite-strings -Wvla $(WERROR)

# The bits of every result depend on these: multiply-add only where fma() is written; the last two
# change no value, they let the compiler turn branches into selects.
FLOATS   := -ffp-contract=off -fno-math-errno -fno-trapping-math

# The program does not depend on the folder it was built in: `make reproducible` compares.
FOLDER   := -ffile-prefix-map=$(CURDIR)=.

CFLAGS   := -std=gnu11 -O3 -g -pthread -MMD -MP $(FLOATS) $(WARNINGS) $(FOLDER) -fvisibility=hidden
CPPFLAGS := -D_GNU_SOURCE -D_FORTIFY_SOURCE=2
LDFLAGS  := -pthread -Wl,--as-needed
OPENMP   := -fopenmp

ifneq ($(filter x86_64,$(ARCH)),)
ISAS := v1 v3 v4
else
ISAS := arm64
endif
MARCH_v1    := -march=x86-64
MARCH_v3    := -march=x86-64-v3
MARCH_v4    := -march=x86-64-v4
MARCH_arm64 :=
# The codecs' v4 also packs bytes.
VBMI_v4     := -mavx512vbmi -mavx512vbmi2

ifeq ($(MODE),asan)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(MODE),tsan)
SANITIZE := -fsanitize=thread -fno-omit-frame-pointer
OPENMP   :=
else ifeq ($(MODE),fuzz)
SANITIZE := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
            -fno-omit-frame-pointer -DFUZZING
OPENMP   :=
endif
ifneq ($(SANITIZE),)
CFLAGS   := $(filter-out -O3,$(CFLAGS)) -O1 $(SANITIZE)
CPPFLAGS := $(filter-out -D_FORTIFY_SOURCE=2,$(CPPFLAGS))
LDFLAGS  += $(SANITIZE)
endif
ifeq ($(OPENMP),)
CFLAGS   += -Wno-unknown-pragmas
endif

# A layer sees only those below it; -iquote, so that no header of ours hides one of the system.
SEES_base    := -iquotesrc/base
SEES_kernels := $(SEES_base) -iquotesrc/kernels -iquotesrc/kernels/math
SEES_codec   := $(SEES_base) -iquotesrc/codec
SEES_http    := $(SEES_base) -iquotesrc/server/http
SEES_server  := $(SEES_kernels) -iquotesrc/codec -iquotesrc/server/http -iquotesrc/server -iquotesrc/server/cli

LIBS_codec  := -lpng -lz -lcjson
LIBS_server := -lmicrohttpd -lgnutls -lnettle
