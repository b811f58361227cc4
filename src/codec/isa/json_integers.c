/* json_integers.c - the numbers of a text as integers: labels, which are bytes, many at a time.
 */
#include "eight_read.h"
#include "token.h"

#ifdef HAVE_DIGITS

/* The integers of a piece as bytes; false where one has a sign, or is beyond a byte. Reads 2
 * bytes before the piece. */
static bool labels(struct piece *p, uint8_t *out)
{
    uint64_t was = 0;

    p->count = 0;
    for (const uint8_t *at = p->begin; at < p->end; at += BLOCK) {
        const block b = block_load(at), units = digits_of(at), tens = digits_of(at - 1);
        const uint64_t digit = block_in(b, '0', 10), here = before(at, p->end);
        const uint64_t next = digit >> 1 | (uint64_t)((uint8_t)(at[BLOCK] - '0') < 10) << 63;
        const uint64_t end = digit & ~next & here;
        const uint64_t third = end & block_behind(digit, was) & (digit << 2 | was >> 62);
        const uint64_t fourth = third & (digit << 3 | was >> 61);
        uint64_t beyond = 0;
        block value;

        if (fourth != 0 || (block_is(b, '-') & here) != 0) return false;
        value = third == 0 ? digits_two(units, tens)
                           : digits_three(units, tens, digits_before(at - 1), &beyond);
        if ((beyond & end) != 0) return false;
        digits_pack(value, end, out + p->count);
        p->count += block_count(end);
        was = digit;
    }
    return p->count <= p->left;
}

struct integers {
    struct piece p;
    uint64_t most, least; /* magnitudes above and below 0 */
#ifdef HAVE_RUNS
    struct runs runs;
#endif
};

/* Stores number i in an element of `size` bytes. */
static inline void store(uint64_t value, size_t size, void *out, int i)
{
    if (size == 1) ((uint8_t *)out)[i] = (uint8_t)value;
    if (size == 2) ((uint16_t *)out)[i] = (uint16_t)value;
    if (size == 4) ((uint32_t *)out)[i] = (uint32_t)value;
    if (size == 8) ((uint64_t *)out)[i] = value;
}

/* Token i, alone. */
static inline bool take(struct integers *n, size_t size, void *out, int i)
{
    uint64_t value = 0;
    const bool ok = read_integer(&n->p, token_at(&n->p, i), n->most, n->least, &value);

    store(value, size, out, i);
    return ok;
}

/* The integers of a piece from its text. */
static inline bool piece(struct integers *n, size_t size, void *out)
{
    bool ok = true;

#ifdef HAVE_RUNS
    if (runs_find(&n->runs, &n->p)) {
        for (int i = 0; i < n->p.count; i += 8) {
            const struct eight e = eight_of(&n->runs, i);
            const uint8_t lanes = eight_lanes((size_t)(n->p.count - i));

            for (unsigned left = eight_integers(&e, n->most, n->least, lanes, size,
                                                (uint8_t *)out + (size_t)i * size);
                 left != 0; left &= left - 1)
                ok &= take(n, size, out, i + __builtin_ctz(left));
        }
        return ok;
    }
#endif
    find_tokens(&n->p);
    for (int i = 0; i < n->p.count; i++) ok &= take(n, size, out, i);
    return ok;
}

/* Each size of element: from bytes, and from the text. */
#define INTEGERS(bits)                                                                         \
    static void widen##bits(const uint8_t *from, int count, void *to)                          \
    {                                                                                          \
        for (int i = 0; i < count; i++) ((uint##bits##_t *)to)[i] = from[i];                   \
    }                                                                                          \
                                                                                               \
    static bool piece##bits(struct integers *n, void *to)                                      \
    {                                                                                          \
        return piece(n, bits / 8, to);                                                         \
    }
INTEGERS(8)
INTEGERS(16)
INTEGERS(32)
INTEGERS(64)

static void widen(const uint8_t *from, int count, size_t size, void *to)
{
    if (size == 1) widen8(from, count, to);
    if (size == 2) widen16(from, count, to);
    if (size == 4) widen32(from, count, to);
    if (size == 8) widen64(from, count, to);
}

static bool all_within(const uint8_t *value, int count, uint64_t most)
{
    uint8_t largest = 0;

    for (int i = 0; i < count; i++) largest = value[i] > largest ? value[i] : largest;
    return largest <= most;
}

bool ISA_NAME(json_integers)(struct sc_bytes text, enum sc_dtype dtype, void *out,
                             int64_t count)
{
    const size_t size = sc_dtype_size(dtype);
    uint8_t *at = out, small[TOKENS + 2 * BLOCK];
    struct integers n;
    bool ok = true;

    piece_begin(&n.p, text, count);
    n.most = json_magnitude_max(dtype, false);
    n.least = json_magnitude_max(dtype, true);
    while (ok && next_piece(&n.p)) {
        if (!is_first(&n.p) && labels(&n.p, small)) {
            ok = n.most >= UINT8_MAX || all_within(small, n.p.count, n.most);
            widen(small, n.p.count, size, at);
        } else {
            ok = size == 1   ? piece8(&n, at)
                 : size == 2 ? piece16(&n, at)
                 : size == 4 ? piece32(&n, at)
                             : piece64(&n, at);
        }
        at += (size_t)n.p.count * size;
        n.p.left -= n.p.count;
    }
    return ok && n.p.left == 0;
}

bool ISA_NAME(json_bools)(struct sc_bytes text, enum sc_dtype dtype, void *out, int64_t count)
{
    uint8_t *at = out;
    struct piece p;

    (void)dtype; /* it is bool */
    piece_begin(&p, text, count);
    while (next_piece(&p)) {
        find_tokens(&p);
        for (int i = 0; i < p.count; i++) *at++ = p.begin[p.at[i]] == 't';
        p.left -= p.count;
    }
    return p.left == 0;
}
#endif
