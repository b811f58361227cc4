/* pairs.h - counts pairs (target, prediction) of labels that are bytes, 64 at a time.
 *
 * In masks a pair goes on for many pixels: 64 pairs are compared with the last one before them,
 * and mostly all are equal. If not, the different ones among the 64 are found one after the
 * other, each with the number of its places. Where there are too many of them the labels are
 * noise, and the next pairs are counted one by one, in several tables, which hide the latency
 * of adding to one cell again and again.
 *
 * Codes are those of load.h: 0 .. C + 1. Bytes are looked up in them only when a pair is
 * counted, so that no pass over the data checks the range. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "byte_mask.h"

#define SC_PAIRS       64  /* pairs at a time */
#define SC_PAIRS_CODES 256 /* codes that there can be */

#define SC_PAIRS_DISTINCT 12 /* different pairs among 64, beyond which these are noise */
#define SC_PAIRS_TABLES   4
#define SC_PAIRS_NOISY    64 /* how many times 64 pairs are then taken for noise too */

#define SC_ODD_BYTES 4 /* bytes with a code of their own that vectors can look for */

/* The codes of the bytes that one input can have: of most, what the range says. */
struct sc_byte_codes {
    uint8_t code[256];
    uint16_t row[256]; /* of the target: code times side */
    int odds; /* bytes whose code is another; more than SC_ODD_BYTES: looked up one by one */
    uint8_t odd[SC_ODD_BYTES];
};

struct sc_pairs {
    struct sc_byte_codes target, pred;
    uint32_t classes;
    uint32_t side;     /* C + 2, at most 256 */
    uint32_t last_row; /* that of ignored targets */
    uint32_t apart;    /* counts between the starts of two tables; 0: there is one alone */
    uint8_t refused;   /* codes of predictions from here on are to be looked at again */
    uint8_t t, p;      /* the last pair */
    int noisy;         /* how many times 64 pairs are still taken for noise */
    uint32_t *count;   /* [SC_PAIRS_TABLES or 1][side][side] */
};

/* Lists the odd ones, when all codes are there. */
static inline void sc_byte_codes_done(struct sc_byte_codes *b, uint32_t classes)
{
    b->odds = 0;
    for (uint32_t v = 0; v < 256; v++) {
        b->row[v] = (uint16_t)(b->code[v] * (classes + 2));
        if (b->code[v] == (v < classes ? v : classes + 1)) continue;
        if (b->odds < SC_ODD_BYTES) b->odd[b->odds] = (uint8_t)v;
        b->odds++;
    }
}

/* Adds n places of a pair; not 0: one of its codes is bad. */
static inline unsigned sc_pairs_add(struct sc_pairs *s, uint8_t t, uint8_t p, uint32_t n)
{
    const uint32_t row = s->target.row[t], code = s->pred.code[p];

    s->count[row + code] += n;
    return (row > s->last_row) | (code >= s->refused);
}

/* Codes of 64 bytes; true: some are `limit` or above. */
static inline bool sc_byte_codes_of(const struct sc_byte_codes *b, uint32_t classes,
                                    uint8_t limit, const uint8_t *x, uint8_t *code)
{
    const uint8_t end = (uint8_t)classes, bad = (uint8_t)(classes + 1);
    uint8_t any = 0;

    if (b->odds > SC_ODD_BYTES)
        for (int i = 0; i < SC_PAIRS; i++) code[i] = b->code[x[i]];
    else
        for (int i = 0; i < SC_PAIRS; i++) code[i] = x[i] < end ? x[i] : bad;
    for (int j = 0; b->odds <= SC_ODD_BYTES && j < b->odds; j++) {
        const uint8_t odd = b->odd[j], own = b->code[odd];

        for (int i = 0; i < SC_PAIRS; i++) code[i] = x[i] == odd ? own : code[i];
    }
    for (int i = 0; i < SC_PAIRS; i++) any |= code[i] >= limit;
    return any != 0;
}

/* Adds 64 pairs of codes, one by one. */
static inline void sc_pairs_scatter(struct sc_pairs *s, const uint8_t *t, const uint8_t *p)
{
    const uint16_t side = (uint16_t)s->side;
    uint32_t *const a = s->count, *const b = a + s->apart, *const c = b + s->apart;
    uint32_t *const d = c + s->apart;
    uint16_t key[SC_PAIRS];

    for (int i = 0; i < SC_PAIRS; i++) key[i] = (uint16_t)(t[i] * side + p[i]);
    for (int i = 0; i < SC_PAIRS; i += SC_PAIRS_TABLES) {
        a[key[i]]++;
        b[key[i + 1]]++;
        c[key[i + 2]]++;
        d[key[i + 3]]++;
    }
}

/* Adds 64 pairs of noise. */
static inline unsigned sc_pairs_noise(struct sc_pairs *s, const uint8_t *t, const uint8_t *p)
{
    uint8_t target[SC_PAIRS], pred[SC_PAIRS];
    const uint8_t bad = (uint8_t)(s->classes + 1);
    const unsigned bad_t = sc_byte_codes_of(&s->target, s->classes, bad, t, target);
    const unsigned bad_p = sc_byte_codes_of(&s->pred, s->classes, s->refused, p, pred);

    sc_pairs_scatter(s, target, pred);
    return bad_t | bad_p;
}

/* Adds the first pair that is left and all that are equal to it, and takes them from `left`;
 * none when nothing is left: so that steps can be taken without asking first. */
static inline unsigned sc_pairs_step(struct sc_pairs *s, const uint8_t *t, const uint8_t *p,
                                     uint64_t *left)
{
    const int i = __builtin_ctzll(*left | (uint64_t)1 << 63);
    const uint64_t same = sc_equal_pairs(t, p, t[i], p[i]) & *left;

    *left &= ~same;
    return sc_pairs_add(s, t[i], p[i], (uint32_t)__builtin_popcountll(same));
}

/* Adds 64 pairs that are not all equal; `left` are those that are not counted yet. */
static inline unsigned sc_pairs_mixed(struct sc_pairs *s, const uint8_t *t, const uint8_t *p,
                                      uint64_t left)
{
    unsigned bad = sc_pairs_step(s, t, p, &left) | sc_pairs_step(s, t, p, &left);
    int found = 2;

    for (; left != 0 && found < SC_PAIRS_DISTINCT; found += 2)
        bad |= sc_pairs_step(s, t, p, &left) | sc_pairs_step(s, t, p, &left);
    if (left == 0) return bad;
    s->noisy = SC_PAIRS_NOISY;
    for (; left != 0; left &= left - 1)
        bad |= sc_pairs_add(s, t[__builtin_ctzll(left)], p[__builtin_ctzll(left)], 1);
    return bad;
}

/* Adds 64 pairs that are noise, or of which only those of `same` are equal to the last pair
 * before them, of which `run` are waiting already. Not inlined, so that the loops around it
 * keep their registers. */
static __attribute__((noinline)) unsigned sc_pairs_change(struct sc_pairs *s, const uint8_t *t,
                                                          const uint8_t *p, uint64_t same,
                                                          uint32_t run)
{
    unsigned bad = sc_pairs_add(s, s->t, s->p, run);

    if (s->noisy > 0) {
        s->noisy--;
        bad |= sc_pairs_noise(s, t, p);
    } else {
        bad |= sc_pairs_add(s, s->t, s->p, (uint32_t)__builtin_popcountll(same));
        bad |= sc_pairs_mixed(s, t, p, ~same);
    }
    s->t = t[SC_PAIRS - 1];
    s->p = p[SC_PAIRS - 1];
    return bad;
}

/* Adds 64 pairs; as long as all are the last pair before them, `run` alone. */
static inline unsigned sc_pairs_block(struct sc_pairs *s, const uint8_t *t, const uint8_t *p,
                                      uint32_t *run)
{
    const uint64_t same = sc_equal_pairs(t, p, s->t, s->p);
    unsigned bad;

    if (~same == 0) {
        *run += SC_PAIRS;
        return 0;
    }
    bad = sc_pairs_change(s, t, p, same, *run);
    *run = 0;
    return bad;
}

/* Adds `blocks` times 64 pairs; not 0: codes among them are bad. */
static inline unsigned sc_pairs_count(struct sc_pairs *s, const uint8_t *t, const uint8_t *p,
                                      int blocks)
{
    uint32_t run = 0;
    unsigned bad = 0;

    for (int b = 0; b < blocks; b++)
        bad |= sc_pairs_block(s, t + b * SC_PAIRS, p + b * SC_PAIRS, &run);
    return sc_pairs_add(s, s->t, s->p, run) | bad;
}

/* ---- words ---- */

typedef uint64_t sc_words __attribute__((vector_size(64)));

/* The low bytes of 64 words, in an order of their own: byte 8 j + k is that of word 8 k + j.
 * All words are or-ed to `all`. */
static inline void sc_narrow_words(const void *words, uint8_t *out, sc_words *all)
{
    sc_words low = {0};

    for (int k = 0; k < 8; k++) {
        sc_words x;

        memcpy(&x, (const uint8_t *)words + (size_t)k * sizeof x, sizeof x);
        low |= x << (8 * k);
        *all |= x;
    }
    memcpy(out, &low, sizeof low);
}

/* The same for targets and predictions; false: not all words are bytes. */
static inline bool sc_narrow_pairs(const void *t, const void *p, uint8_t *out_t, uint8_t *out_p)
{
    sc_words all = {0};
    uint64_t any = 0;

    sc_narrow_words(t, out_t, &all);
    sc_narrow_words(p, out_p, &all);
    for (int j = 0; j < 8; j++) any |= all[j];
    return any < 256;
}
