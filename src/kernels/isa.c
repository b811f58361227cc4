/* isa.c - one plain C source, compiled per instruction set level; the level is chosen once. */
#include "op.h"

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

/* Written before any thread starts (sc_init) and by tests; read by all. */
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

void sc_init(void)
{
    const char *cap = getenv("SC_ISA_MAX");

#define TRY(level, available)                                                                  \
    if (sc_isa_choose(#level) && cap != NULL && strcmp(cap, #level) == 0) return;
    LEVELS(TRY)
#undef TRY
}

const char *sc_isa(void)
{
    if (chosen.name == NULL) sc_init();
    return chosen.name;
}

const struct sc_kernel *sc_kernel(const struct sc_op *op)
{
    if (chosen.name == NULL) sc_init();
    return chosen.kernels[op->id]();
}
