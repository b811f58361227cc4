/* print.c - many floats as text, eight at once. */
#include "eight_print.h"
#include "exponent.h"
#include "isa.h"

#ifdef HAVE_EIGHT

/* Where byte j of a text comes from, with so many digits before its point: the digits are first
 * in a row, zeros stand behind them, and the point is last. */
#define ZERO        (EIGHT_ROW - 2)
#define POINT       (EIGHT_ROW - 1)
#define AMONG(w, j) ((j) < (w) ? (j) : (j) == (w) ? POINT : (j)-1)
#define AFTER(w, j) ((j) == 1 ? POINT : (j) < 2 - (w) ? ZERO : (j)-2 + (w))
#define FROM(w, j)  ((w) > 0 ? AMONG(w, j) : AFTER(w, j))
#define FOUR(w, j)  FROM(w, j), FROM(w, (j) + 1), FROM(w, (j) + 2), FROM(w, (j) + 3)
#define ROW(w)                                                                                 \
    {                                                                                          \
        FOUR(w, 0), FOUR(w, 4), FOUR(w, 8), FOUR(w, 12), FOUR(w, 16), FOUR(w, 20),             \
            FOUR(w, 24), FOUR(w, 28)                                                           \
    }

/* From EIGHT_WHOLE_MIN on. */
static const uint8_t order[][EIGHT_ROW] = {
    ROW(-3), ROW(-2), ROW(-1), ROW(0),  ROW(1),  ROW(2),  ROW(3),
    ROW(4),  ROW(5),  ROW(6),  ROW(7),  ROW(8),  ROW(9),  ROW(10),
    ROW(11), ROW(12), ROW(13), ROW(14), ROW(15), ROW(16), ROW(17),
};

static inline char *put_eight(char *at, const struct eight_texts *t, size_t numbers)
{
    for (size_t i = 0; i < numbers; i++) {
        memcpy(at, ",-", 2);
        at += 1 + (t->negative >> i & 1);
        eight_put(at, t->row[i], order[t->order[i] - EIGHT_WHOLE_MIN]);
        at += t->length[i];
        if (t->exponent >> i & 1) at = exponent_put(at, (int)t->top[i]);
    }
    return at;
}

/* First the digits of all, then their texts: a processor works on several eights at once, as
 * long as what it does for each is short. */
#define EIGHTS 8

struct many {
    struct eight_shortest shortest[EIGHTS];
    struct eight_texts texts[EIGHTS];
};

static char *put_texts(char *at, struct many *m, size_t count, int precision)
{
    for (size_t i = 0; i < count; i += 8)
        eight_place(m->shortest[i / 8], precision, &m->texts[i / 8]);
    for (size_t i = 0; i < count; i += 8)
        at = put_eight(at, &m->texts[i / 8], count - i < 8 ? count - i : 8);
    return at;
}

#define PRINT_MANY(type, precision, ...)                                                       \
    static char *some_##type##s(char *at, const type *value, size_t count)                     \
    {                                                                                          \
        const struct eight_format f = {__VA_ARGS__};                                           \
        struct many m;                                                                         \
                                                                                               \
        for (size_t i = 0; i < count; i += 8)                                                  \
            m.shortest[i / 8] =                                                                \
                eight_shortest_of(eight_load_##type##s(value + i, eight_lanes(count - i),      \
                                                       &m.texts[i / 8].negative),              \
                                  f);                                                          \
        return put_texts(at, &m, count, precision);                                            \
    }                                                                                          \
                                                                                               \
    char *ISA_NAME(print_##type##s)(char *at, const type *value, size_t count)                 \
    {                                                                                          \
        while (count > 0) {                                                                    \
            const size_t some = count < EIGHTS * 8 ? count : EIGHTS * 8;                       \
                                                                                               \
            at = some_##type##s(at, value, some);                                              \
            value += some;                                                                     \
            count -= some;                                                                     \
        }                                                                                      \
        return at;                                                                             \
    }
PRINT_MANY(float, 6, .fraction = 23, .bias = 150)
PRINT_MANY(double, 15, .fraction = 52, .bias = 1075)
#endif
