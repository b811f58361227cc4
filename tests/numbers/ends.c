/* ends.c - arrays of one-digit numbers with some longer ones among them, which end in all ways
 * that a piece can end in, where nothing can be read behind the text or the stack. */
#include <stdio.h>

#include "../fuzz/guard.h"
#include "../own_stack.h"
#include "isa.h"
#include "levels.h"

#define MANY   2400 /* more than a piece has */
#define LONGER 7
#define FIRST  60 /* of the longer ones: behind the first piece, which is short */
#define STEP   5
#define SPACES 64

struct array {
    int numbers, longer, spaces;
    const char *other; /* a longer one */
    enum sc_dtype dtype;
    char text[3 * MANY + SPACES];
    size_t size;
    struct sc_bytes guarded;
    union {
        double wide[MANY];
        float narrow[MANY];
        int32_t whole[MANY];
    } out;
    bool ok;
};

static bool is_longer(const struct array *a, int i)
{
    return i >= FIRST && (i - FIRST) % STEP == 0 && (i - FIRST) / STEP < a->longer;
}

static void put(struct array *a)
{
    char *at = a->text + sprintf(a->text, "[%*s", a->spaces, "");

    for (int i = 0; i < a->numbers; i++) {
        if (i > 0) *at++ = ',';
        at += is_longer(a, i) ? sprintf(at, "%s", a->other) : sprintf(at, "%d", i % 10);
    }
    *at++ = ']';
    a->size = (size_t)(at - a->text);
}

static void *read_array(void *data)
{
    struct array *a = data;
    json_numbers_fn *read = sc_dtype_is_float(a->dtype) ? codec_isa()->reals
                                                        : codec_isa()->integers;

    a->ok = read(a->guarded, a->dtype, &a->out, a->numbers);
    return NULL;
}

static double value_at(const struct array *a, int i)
{
    if (a->dtype == SC_FLOAT64) return a->out.wide[i];
    if (a->dtype == SC_FLOAT32) return (double)a->out.narrow[i];
    return a->out.whole[i];
}

static bool is_right(struct array *a)
{
    uint8_t *body = guarded_body((const uint8_t *)a->text, a->size);

    a->guarded = sc_bytes(body, a->size);
    memset(&a->out, 0xff, sizeof a->out);
    on_own_stack(read_array, a);
    unguard_body(body, a->size);
    for (int i = 0; i < a->numbers && a->ok; i++)
        a->ok = value_at(a, i) == (is_longer(a, i) ? atof(a->other) : i % 10);
    return a->ok;
}

static uint64_t check(const char *level, struct array *a)
{
    static const enum sc_dtype dtypes[] = {SC_FLOAT32, SC_FLOAT64, SC_INT32};
    uint64_t failed = 0;

    for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++) {
        a->dtype = dtypes[i];
        if (is_right(a)) continue;
        printf("numbers: %s: %d of %d numbers as %s, %d spaces\n", level, a->longer, a->numbers,
               a->other, a->spaces);
        failed++;
    }
    return failed;
}

/* An array of a dtype begins and ends anywhere in a block, for each count of longer ones. */
static uint64_t check_level(const char *level, int numbers, const char *other)
{
    static struct array a;
    uint64_t failed = 0;

    a.numbers = numbers;
    a.other = other;
    for (a.longer = 0; a.longer <= LONGER; a.longer++)
        for (a.spaces = 0; a.spaces < SPACES; a.spaces++) {
            put(&a);
            failed += check(level, &a);
        }
    return failed;
}

uint64_t levels_ends(void)
{
    static const char *const levels[] = {"v1", "v3", "v4", "arm64"};
    uint64_t failed = 0;

    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (!codec_isa_choose(levels[i]) || codec_isa()->reals == NULL) continue;
        failed += check_level(levels[i], 1000, "10") + check_level(levels[i], 1000, "-1") +
                  check_level(levels[i], MANY, "10") + check_level(levels[i], MANY, "-1");
    }
    return failed;
}
