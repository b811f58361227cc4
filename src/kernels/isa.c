/* isa.c - one plain C source, compiled per instruction set level; the level is chosen once. */
#include "op.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"

#if defined(__x86_64__)
#define LEVELS(X) X(v1, true) X(v3, sc_cpu_has_v3()) X(v4, sc_cpu_has_v4())
#else
#define LEVELS(X) X(arm64, true)
#endif

#define DECLARE(level, available) extern sc_kernel_fn *const sc_kernels_##level[];
LEVELS(DECLARE)
#undef DECLARE

struct level {
    const char *name;
    bool available;
    sc_kernel_fn *const *kernels;
};

/* Written before any thread starts (sc_init), by the self-test and by tests; read by all. */
static struct level chosen;

bool sc_isa_choose(const char *name)
{
#define ROW(level, available) {#level, available, sc_kernels_##level},
    const struct level levels[] = {LEVELS(ROW)};
#undef ROW

    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strcmp(levels[i].name, name) != 0 || !levels[i].available) continue;
        chosen = levels[i];
        return true;
    }
    return false;
}

enum sc_status sc_init(struct sc_note *note)
{
    const char *cap = getenv("SC_ISA_MAX");

#define TRY(level, available)                                                                  \
    sc_isa_choose(#level);                                                                     \
    if (cap != NULL && strcmp(cap, #level) == 0) return SC_OK;
    LEVELS(TRY)
#undef TRY
    if (cap == NULL) return SC_OK;
#define WORD(level, available) " " #level
    return sc_fail(note, SC_BAD_PARAM, NULL,
                   "SC_ISA_MAX is '%.40s'; it takes one of" LEVELS(WORD), cap);
#undef WORD
}

const char *sc_isa(void)
{
    assert(chosen.name != NULL); /* sc_init comes first */
    return chosen.name;
}

const struct sc_kernel *sc_kernel(const struct sc_op *op)
{
    assert(chosen.name != NULL);
    return chosen.kernels[op->id]();
}
