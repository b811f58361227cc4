/* isa.c - the level is chosen once. */
#include "isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"

#if defined(__x86_64__)
#define LEVELS(X) X(v1, true) X(v3, sc_cpu_has_v3()) X(v4, sc_cpu_has_v4_vbmi())
#else
#define LEVELS(X) X(arm64, true)
#endif

/* No vectors at all: bytes one by one. */
static const uint8_t *plain_here(const uint8_t *at, const uint8_t *end)
{
    (void)end;
    return at;
}

static const struct codec_isa codec_isa_plain = {.name = "plain", .plain = plain_here};

#define DECLARE(level, available) extern const struct codec_isa codec_isa_##level;
LEVELS(DECLARE)
#undef DECLARE

static const struct codec_isa *_Atomic chosen;

bool codec_isa_choose(const char *name)
{
#define TRY(level, available)                                                                  \
    if (strcmp(#level, name) == 0 && (available)) {                                            \
        atomic_store(&chosen, &codec_isa_##level);                                             \
        return true;                                                                           \
    }
    LEVELS(TRY)
    TRY(plain, true)
#undef TRY
    return false;
}

static const struct codec_isa *choose(void)
{
    const char *cap = getenv("SC_ISA_MAX");

#define TRY(level, available)                                                                  \
    if (codec_isa_choose(#level) && cap != NULL && strcmp(cap, #level) == 0) return chosen;
    LEVELS(TRY)
#undef TRY
    return chosen;
}

/* Threads that come first together choose the same. */
const struct codec_isa *codec_isa(void)
{
    const struct codec_isa *isa = atomic_load_explicit(&chosen, memory_order_relaxed);

    return isa ? isa : choose();
}
