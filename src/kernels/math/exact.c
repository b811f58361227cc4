/* exact.c - carrying, merging, rounding and saving of exact sums. */
#include "exact.h"

#include <string.h>

#include "bytes.h"

#define TOP (SC_EXACT_CHUNKS - 1)

/* Unsigned: wraps where int64 would overflow, so that adding stays associative even there. */
static int64_t wrapping_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

/* Brings all chunks but the top to 0 ... 2^32 - 1: the one such form of a number. */
void sc_exact_carry(struct sc_exact *s)
{
    int64_t carry = 0;

    for (int i = 0; i < TOP; i++) {
        const int64_t sum = s->chunk[i] + carry;

        s->chunk[i] = sum & 0xffffffff;
        carry = sum >> 32;
    }
    s->chunk[TOP] = wrapping_add(s->chunk[TOP], carry);
    s->pending = 0;
}

void sc_exact_add_special(struct sc_exact *s, double x)
{
    uint64_t *const count = isnan(x) ? &s->nan : x > 0 ? &s->plus_inf : &s->minus_inf;

    *count = saturating_add(*count, 1);
}

void sc_exact_add_each(struct sc_exact *s, const double *x, size_t n)
{
    while (n > 0) {
        const size_t room = (size_t)(SC_EXACT_PENDING_MAX - s->pending);
        const size_t size = n < room ? n : room;

        for (size_t i = 0; i < size; i++) {
            if (isfinite(x[i]))
                sc_exact_add_finite(s, x[i]);
            else
                sc_exact_add_special(s, x[i]);
        }
        s->pending += (int)size;
        if (s->pending == SC_EXACT_PENDING_MAX) sc_exact_carry(s);
        x += size;
        n -= size;
    }
}

void sc_exact_add_units(struct sc_exact *s, int64_t units, int place)
{
    const __int128 wide = (__int128)units * ((int64_t)1 << place % 32);
    int64_t *const chunk = &s->chunk[place / 32];

    if (s->pending == SC_EXACT_PENDING_MAX) sc_exact_carry(s);
    s->pending++;
    chunk[0] += (int64_t)(wide & 0xffffffff);
    chunk[1] += (int64_t)(wide >> 32 & 0xffffffff);
    chunk[2] += (int64_t)(wide >> 64);
}

void sc_exact_merge(struct sc_exact *into, const struct sc_exact *from)
{
    struct sc_exact carried;

    if (into->pending + from->pending >= SC_EXACT_PENDING_MAX) {
        carried = *from;
        sc_exact_carry(&carried);
        from = &carried;
        sc_exact_carry(into);
    }
    for (int i = 0; i < SC_EXACT_CHUNKS; i++)
        into->chunk[i] = wrapping_add(into->chunk[i], from->chunk[i]);
    into->pending += from->pending + 1; /* 1: for the carried parts, below 2^32 each */
    into->plus_inf = saturating_add(into->plus_inf, from->plus_inf);
    into->minus_inf = saturating_add(into->minus_inf, from->minus_inf);
    into->nan = saturating_add(into->nan, from->nan);
}

/* Sign and magnitude of the number. */
struct magnitude {
    uint32_t word[SC_EXACT_WORDS];
    int first, end; /* word[first] and word[end - 1] are not zero; both 0 if all are */
    bool negative;
};

static void negate(struct sc_exact *s)
{
    for (int i = 0; i < TOP; i++) s->chunk[i] = -s->chunk[i];
    s->chunk[TOP] = (int64_t)(0 - (uint64_t)s->chunk[TOP]);
    sc_exact_carry(s);
}

static void measure(struct magnitude *m, const struct sc_exact *sum)
{
    struct sc_exact s = *sum;

    sc_exact_carry(&s);
    m->negative = s.chunk[TOP] < 0;
    if (m->negative) negate(&s);
    for (int i = 0; i < SC_EXACT_CHUNKS; i++) m->word[i] = (uint32_t)s.chunk[i];
    m->word[TOP + 1] = (uint32_t)((uint64_t)s.chunk[TOP] >> 32);

    m->end = SC_EXACT_WORDS;
    while (m->end > 0 && m->word[m->end - 1] == 0) m->end--;
    m->first = 0;
    while (m->first < m->end && m->word[m->first] == 0) m->first++;
}

/* ---- rounding ---- */

static bool any_bit_below(const struct magnitude *m, int place)
{
    if (m->first < place / 32) return true;
    return (m->word[place / 32] & ((1u << place % 32) - 1)) != 0;
}

/* The 64 bits from `place` up; word[place / 32 + 2] must be there. */
static uint64_t bits_from(const struct magnitude *m, int place)
{
    const uint32_t *word = &m->word[place / 32];
    const unsigned __int128 wide = (unsigned __int128)word[2] << 64 | (uint64_t)word[1] << 32 |
                                   word[0];

    return (uint64_t)(wide >> place % 32);
}

static double round_magnitude(const struct magnitude *m)
{
    uint64_t bits;
    int below; /* bits under the 53 that a double keeps */

    if (m->end == 0) return 0.0;
    below = 32 * m->end - __builtin_clz(m->word[m->end - 1]) - 53;
    if (below + 1 > 2046) return HUGE_VAL;
    bits = bits_from(m, below > 0 ? below : 0);
    /* up to 2^-1021 doubles are 2^-1074 apart, as bits here are */
    if (below <= 0) return sc_double_of(bits);
    bits = (bits & 0xfffffffffffffu) | (uint64_t)(below + 1) << 52;
    if (any_bit_below(m, below - 1) || (bits & 1)) bits += bits_from(m, below - 1) & 1;
    return sc_double_of(bits);
}

double sc_exact_round(const struct sc_exact *s)
{
    struct magnitude m;
    double value;

    if (s->nan || (s->plus_inf && s->minus_inf)) return __builtin_nan("");
    if (s->plus_inf) return HUGE_VAL;
    if (s->minus_inf) return -HUGE_VAL;
    measure(&m, s);
    value = round_magnitude(&m);
    return m.negative ? -value : value;
}

/* ---- bytes ---- */

enum { NEGATIVE = 1, COUNTS = 2 };

static uint8_t *put(uint8_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> 8 * i);
    return out + bytes;
}

size_t sc_exact_save(const struct sc_exact *s, uint8_t *out)
{
    const bool counts = s->plus_inf || s->minus_inf || s->nan;
    struct magnitude m;
    uint8_t *at = out;

    measure(&m, s);
    at = put(at, (m.negative ? NEGATIVE : 0) | (counts ? COUNTS : 0), 1);
    at = put(at, (uint64_t)m.first, 1);
    at = put(at, (uint64_t)(m.end - m.first), 1);
    for (int i = m.first; i < m.end; i++) at = put(at, m.word[i], 4);
    if (counts) {
        at = put(at, s->plus_inf, 8);
        at = put(at, s->minus_inf, 8);
        at = put(at, s->nan, 8);
    }
    return (size_t)(at - out);
}

/* Reads without asking whether it is what saving gives. */
static size_t parse(struct sc_exact *s, const uint8_t *data, size_t size)
{
    const uint8_t *at;
    int first, count;

    if (size < 3) return 0;
    first = data[1];
    count = data[2];
    at = data + 3;
    sc_exact_zero(s);
    if (first + count > SC_EXACT_WORDS) return 0;
    if (size < 3 + 4 * (size_t)count + (data[0] & COUNTS ? 24 : 0)) return 0;
    for (int i = first; i < first + count; i++, at += 4) {
        if (i <= TOP)
            s->chunk[i] = sc_le32(at);
        else
            s->chunk[TOP] = (int64_t)((uint64_t)s->chunk[TOP] | (uint64_t)sc_le32(at) << 32);
    }
    if (data[0] & NEGATIVE) negate(s);
    if (data[0] & COUNTS) {
        s->plus_inf = sc_le64(at);
        s->minus_inf = sc_le64(at + 8);
        s->nan = sc_le64(at + 16);
        at += 24;
    }
    return (size_t)(at - data);
}

size_t sc_exact_load(struct sc_exact *s, const uint8_t *data, size_t size)
{
    uint8_t canonical[SC_EXACT_BYTES_MAX];
    struct sc_exact sum;
    const size_t used = parse(&sum, data, size);

    if (used == 0 || sc_exact_save(&sum, canonical) != used) return 0;
    if (memcmp(canonical, data, used) != 0) return 0;
    *s = sum;
    return used;
}
