/* levels.c - arrays of some thousand numbers, and what each level makes of them. */
#include "levels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "isa.h"

#define MANY     4096
#define TEXT_MAX ((size_t)1 << 20)

static const char *const levels[] = {"v1", "v3", "v4", "arm64"};

/* An array of numbers as text, and what they are. */
struct numbers {
    size_t count, size;
    double wide[MANY];
    float narrow[MANY];
    uint8_t text[TEXT_MAX + SC_BYTES_PADDING];
};

/* No NaN comes here; the zeros differ. */
static bool same(double a, double b)
{
    return a == b && signbit(a) == signbit(b);
}

static uint64_t report(const char *level, const char *what, size_t place)
{
    printf("numbers: %s: %s, number %zu of an array\n", level, what, place);
    return 1;
}

/* Infinite ones are refused by all, and do not come here. */
static uint64_t read_at(const char *level, const struct numbers *n)
{
    const struct sc_bytes text = sc_bytes(n->text, n->size);
    static double wide[MANY];
    static float narrow[MANY];
    uint64_t failed = 0;

    if (!codec_isa()->reals(text, SC_FLOAT64, wide, (int64_t)n->count) ||
        !codec_isa()->reals(text, SC_FLOAT32, narrow, (int64_t)n->count))
        return report(level, "refused", 0);
    for (size_t i = 0; i < n->count; i++) {
        if (!same(wide[i], n->wide[i])) failed += report(level, "read as float64", i);
        if (!same((double)narrow[i], (double)n->narrow[i]))
            failed += report(level, "read as float32", i);
    }
    return failed;
}

static uint64_t read_all(struct numbers *n)
{
    uint64_t failed = 0;

    if (n->count == 0) return 0;
    n->text[n->size++] = ']';
    n->text[0] = '[';
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (codec_isa_choose(levels[i]) && codec_isa()->reals != NULL)
            failed += read_at(levels[i], n);
    n->count = n->size = 0;
    return failed;
}

uint64_t levels_read(const char *text, double wide, float narrow)
{
    static struct numbers n;
    const size_t size = text ? strlen(text) : 0;
    uint64_t failed = 0;

    if (text == NULL || n.count == MANY || n.size + size + 2 > TEXT_MAX) failed = read_all(&n);
    if (text == NULL || !isfinite(wide) || !isfinite(narrow)) return failed;
    n.text[n.size++] = ',';
    memcpy(n.text + n.size, text, size);
    n.size += size;
    n.wide[n.count] = wide;
    n.narrow[n.count++] = narrow;
    return failed;
}

/* Are the texts of a level those of the plain printer? */
static uint64_t same_text(const char *level, const char *what, const char *found,
                          const char *end, const struct numbers *n)
{
    const size_t size = (size_t)(end - found);

    return size == n->size && memcmp(found, n->text, size) == 0 ? 0 : report(level, what, 0);
}

static char printed[MANY * (DECIMAL_SIZE + 1)];

static uint64_t print_floats(struct numbers *n)
{
    uint64_t failed = 0;

    n->size = (size_t)((uint8_t *)decimal_print_floats((char *)n->text, n->narrow, n->count) -
                       n->text);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (codec_isa_choose(levels[i]) && codec_isa()->print_floats != NULL)
            failed += same_text(levels[i], "float32 printed", printed,
                                codec_isa()->print_floats(printed, n->narrow, n->count), n);
    return failed;
}

static uint64_t print_doubles(struct numbers *n)
{
    uint64_t failed = 0;

    n->size = (size_t)((uint8_t *)decimal_print_doubles((char *)n->text, n->wide, n->count) -
                       n->text);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (codec_isa_choose(levels[i]) && codec_isa()->print_doubles != NULL)
            failed += same_text(levels[i], "float64 printed", printed,
                                codec_isa()->print_doubles(printed, n->wide, n->count), n);
    return failed;
}

/* What was printed of floats is read as floats: their texts are those of other doubles. */
static uint64_t read_floats(struct numbers *n)
{
    static float narrow[MANY];
    uint64_t failed = 0;

    n->text[n->size++] = ']';
    n->text[0] = '[';
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (!codec_isa_choose(levels[i]) || codec_isa()->reals == NULL) continue;
        if (!codec_isa()->reals(sc_bytes(n->text, n->size), SC_FLOAT32, narrow,
                                (int64_t)n->count))
            failed += report(levels[i], "refused", 0);
        for (size_t k = 0; k < n->count; k++)
            if (!same((double)narrow[k], (double)n->narrow[k]))
                failed += report(levels[i], "float32 read back", k);
    }
    return failed;
}

uint64_t levels_float(float value)
{
    static struct numbers n;
    uint64_t failed = 0;

    if (n.count > 0 && (isnan(value) || n.count == MANY)) {
        failed = print_floats(&n) + read_floats(&n);
        n.count = 0;
    }
    if (!isnan(value)) n.narrow[n.count++] = value;
    return failed;
}

uint64_t levels_double(double value)
{
    static struct numbers n;
    uint64_t failed = 0;

    if (n.count > 0 && (isnan(value) || n.count == MANY)) {
        failed = print_doubles(&n);
        n.count = 0;
    }
    if (!isnan(value)) n.wide[n.count++] = value;
    return failed;
}
