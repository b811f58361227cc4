/* json_measure.c - the grammar of an array of numbers over masks of 64 bytes. Most of it looks
 * at neighbours; that a number has one point and one exponent, in this order, follows from
 * where runs of digits end. Brackets are walked one by one. */
#include "bytes64.h"
#include "isa.h"

/* Bytes that are asked for before they are needed: a large body is in no cache, and what a
 * processor asks for by itself ends with each page. */
#define AHEAD (32 * BLOCK)

/* The bytes of a block by kind. */
struct kinds {
    uint64_t digit, minus, plus, point, exponent, comma, open, close, space, other;
};

/* What a block must know of the one before: in registers, so no function that is called has it.
 */
struct carry {
    uint64_t number, first_minus, sign, point, exponent, zero, opener;
    bool integer_runs, fraction_runs, spaces_run;
};

struct measure {
    struct json_extent e;
    uint64_t word_end; /* of the block before */
    int word_left;     /* bytes of a word that go on here */
    bool nonfinite;
    /* The open arrays. */
    int depth, depth_max;
    int64_t index[SC_RANK_MAX]; /* elements so far of each */
    int64_t values, words;      /* so far; words: true and false */
    int64_t seen, row;          /* values before the last bracket, and the last '[' */
};

/* `k` has digits, commas and blanks. */
static inline struct kinds classify(block b, struct kinds k)
{
    uint64_t rest;

    k.minus = block_is(b, '-');
    k.point = block_is(b, '.');
    rest = ~(k.digit | k.minus | k.point | k.comma | k.space);
    if (rest == 0) return k;
    k.open = block_is(b, '[');
    k.close = block_is(b, ']');
    k.plus = block_is(b, '+');
    k.exponent = block_is(b, 'e') | block_is(b, 'E');
    k.space |= block_is(b, '\n') | block_is(b, '\r') | block_is(b, '\t');
    k.other = rest & ~(k.open | k.close | k.plus | k.exponent | k.space);
    return k;
}

/* Bytes [from, from + size) of a block, cut to it. */
static uint64_t stretch(int from, int size)
{
    const uint64_t ones = size < BLOCK ? ((uint64_t)1 << size) - 1 : UINT64_MAX;

    return size > 0 ? ones << from : 0;
}

/* For the grammar a word is a run of digits. */
static void as_digits(struct kinds *k, uint64_t bytes)
{
    k->exponent &= ~bytes;
    k->other &= ~bytes;
    k->digit |= bytes;
}

/* The words of a block, a bit each. */
struct words {
    uint64_t begin;    /* first bytes */
    uint64_t signless; /* of those that no minus may precede */
    uint64_t bools;    /* of true and false */
    uint64_t end;      /* last bytes */
};

/* The length of the word at `at`; 0: none that is taken. */
static int word_at(const uint8_t *at, bool nonfinite)
{
    if (memcmp(at, "true", 4) == 0) return 4;
    if (memcmp(at, "false", 5) == 0) return 5;
    if (nonfinite && memcmp(at, "NaN", 3) == 0) return 3;
    if (nonfinite && memcmp(at, "Infinity", 8) == 0) return 8;
    return 0;
}

/* Takes the words of a block: true, false, NaN, Infinity. What is left in `other` is wrong. */
static void find_words(struct measure *m, const uint8_t *at, const uint8_t *text_end,
                       struct kinds *k, struct words *w)
{
    if (m->word_left > 0) {
        as_digits(k, stretch(0, m->word_left));
        w->end = (uint64_t)1 << (m->word_left - 1);
        m->word_left = 0;
    }
    while (k->other != 0) {
        const int i = block_first(k->other);
        const int size = at + i < text_end ? word_at(at + i, m->nonfinite) : 0;

        if (size == 0) return;
        as_digits(k, stretch(i, size));
        w->begin |= (uint64_t)1 << i;
        if (at[i] != 'I') w->signless |= (uint64_t)1 << i;
        if (at[i] == 't' || at[i] == 'f') w->bools |= (uint64_t)1 << i;
        if (i + size <= BLOCK) w->end |= (uint64_t)1 << (i + size - 1);
        if (i + size > BLOCK) m->word_left = i + size - BLOCK;
    }
}

/* The same, with copies: what goes to a function by its address is in memory ever after. */
static inline void take_words(struct measure *m, const uint8_t *at, const uint8_t *text_end,
                              struct kinds *k, struct words *w)
{
    struct kinds kinds = *k;
    struct words words = {0};

    find_words(m, at, text_end, &kinds, &words);
    *k = kinds;
    *w = words;
}

/* What is wrong in numbers: a bit where it shows. `start` gets the first bytes of values. */
static inline uint64_t bad_numbers(struct carry *c, const struct kinds *k, uint64_t zero,
                                   const struct words *w, uint64_t was_word, uint64_t *start)
{
    const uint64_t sign = k->minus | k->plus, number = k->digit | sign | k->point | k->exponent;
    const uint64_t first = number & ~block_behind(number, c->number);
    const uint64_t minus = k->minus & first; /* the others are of exponents */
    const uint64_t integer = k->digit & (first | block_behind(minus, c->first_minus));
    const uint64_t fraction = block_behind(k->point, c->point);
    const uint64_t after_integer = block_past(integer, k->digit, &c->integer_runs);
    const uint64_t after_fraction = block_past(fraction, k->digit, &c->fraction_runs);
    const uint64_t behind_sign = block_behind(sign, c->sign);
    const uint64_t behind_exponent = block_behind(k->exponent, c->exponent);
    const uint64_t behind_zero = block_behind(integer & zero, c->zero);
    const uint64_t behind_word = block_behind(w->end, was_word);

    c->number = number;
    c->first_minus = minus;
    c->sign = sign;
    c->point = k->point;
    c->exponent = k->exponent;
    c->zero = integer & zero;
    *start = first;
    return (first & ~(k->digit | k->minus)) | (sign & ~(minus | behind_exponent)) |
           ((fraction | behind_sign) & ~k->digit) | (behind_exponent & ~(k->digit | sign)) |
           (k->point & ~after_integer) | (k->exponent & ~(after_integer | after_fraction)) |
           (behind_zero & k->digit) | (w->begin & ~integer) | (w->signless & ~first) |
           (behind_word & number);
}

/* A value or '[' stands behind '[' or a comma, and nothing else does. */
static inline uint64_t bad_places(struct carry *c, uint64_t opener, uint64_t space,
                                  uint64_t value, uint64_t other)
{
    const uint64_t fresh = block_past(block_behind(opener, c->opener), space, &c->spaces_run);

    c->opener = opener;
    return (value & ~fresh) | (other & fresh);
}

/* Does the block before leave nothing to look after but an integer that may go on? */
static inline bool is_at_rest(const struct carry *c, const struct measure *m)
{
    const uint64_t open = c->sign | c->point | c->exponent | m->word_end |
                          (c->integer_runs ? 0 : c->number);

    return open >> 63 == 0 && m->word_left == 0;
}

/* A block of nothing but digits, commas and blanks, as most of labels are: the rest of what
 * there is to see. False where something is wrong. */
static inline bool take_labels(struct carry *c, struct measure *m, block b, uint64_t digit,
                               uint64_t comma, uint64_t space)
{
    const uint64_t start = digit & ~block_behind(digit, c->number);
    const uint64_t zero = start & block_is(b, '0');
    const uint64_t bad = (block_behind(zero, c->zero) & digit) |
                         bad_places(c, comma, space, start, comma);

    c->number = digit;
    c->zero = zero;
    c->integer_runs = digit >> 63 != 0;
    c->sign = c->first_minus = c->point = c->exponent = m->word_end = 0;
    m->values += block_count(start);
    return bad == 0;
}

/* '[' after `before` values. */
static bool open_array(struct measure *m, int64_t before)
{
    if (before != m->seen) return false; /* numbers and arrays side by side */
    if (m->depth >= (m->e.rank > 0 ? m->e.rank : m->depth_max)) return false;
    m->index[m->depth++] = 0;
    m->row = before;
    return true;
}

static bool close_array(struct measure *m, int64_t before)
{
    const bool innermost = m->e.rank == 0 || m->depth == m->e.rank;
    const int depth = --m->depth;
    const int64_t length = innermost ? before - m->row : m->index[depth];

    if (m->e.rank == 0) m->e.rank = depth + 1;
    if (!innermost && before != m->seen) return false;
    if (m->e.dim[depth] == 0) m->e.dim[depth] = length;
    if (depth > 0) m->index[depth - 1]++;
    return length > 0 && length == m->e.dim[depth];
}

/* Walks the brackets of a block. Gives the bit of the last one; 0: the array goes on. `*ok`
 * false: it is none that is taken. */
static inline uint64_t walk(struct measure *m, const struct kinds *k, uint64_t start, bool *ok)
{
    for (uint64_t left = k->open | k->close; left != 0; left &= left - 1) {
        const uint64_t bit = left & -left;
        const int64_t before = m->values + block_count(start & (bit - 1));

        *ok = k->open & bit ? open_array(m, before) : close_array(m, before);
        if (!*ok) return 0;
        m->seen = before;
        if (m->depth == 0) return bit;
    }
    return 0;
}

/* Counts and notes what a block has, up to and with the bits of `taken`. */
static inline void count(struct measure *m, const struct kinds *k, const struct words *w,
                         uint64_t start, uint64_t taken)
{
    m->values += block_count(start & taken);
    m->words += block_count(w->bools & taken);
    if (((k->point | k->exponent | (w->begin & ~w->bools)) & taken) != 0) m->e.reals = true;
}

static bool finish(struct measure *m, struct json_extent *out)
{
    m->e.count = m->values;
    m->e.bools = m->words > 0;
    m->e.integers = !m->e.reals && !m->e.bools;
    *out = m->e;
    return m->words == 0 || m->words == m->values;
}

const uint8_t *ISA_NAME(json_measure)(const uint8_t *at, const uint8_t *end, int depth,
                                      bool nonfinite, struct json_extent *out,
                                      const uint8_t **stopped)
{
    struct measure m = {.nonfinite = nonfinite, .depth_max = depth};
    struct carry c = {.opener = (uint64_t)1 << 63}; /* as if a comma came before */

    for (; at < end; at += BLOCK) {
        const block b = block_load(at);
        struct kinds k = {.digit = block_in(b, '0', 10),
                          .comma = block_is(b, ','),
                          .space = block_is(b, ' ')};
        struct words w = {0};
        uint64_t start, bad, last = 0, taken;
        bool ok = true;

        __builtin_prefetch(at + AHEAD);
        *stopped = at;
        if ((k.digit | k.comma | k.space) == UINT64_MAX && is_at_rest(&c, &m)) {
            if (!take_labels(&c, &m, b, k.digit, k.comma, k.space)) return NULL;
            continue;
        }
        k = classify(b, k);
        if (k.other != 0 || m.word_left > 0) take_words(&m, at, end, &k, &w);
        bad = k.other | bad_numbers(&c, &k, block_is(b, '0'), &w, m.word_end, &start);
        m.word_end = w.end;
        bad |= bad_places(&c, k.open | k.comma, k.space, start | k.open, k.comma | k.close);
        if ((k.open | k.close) != 0) last = walk(&m, &k, start, &ok);
        taken = last | (last - 1); /* all of them where there is none */
        if (!ok || (bad & taken) != 0) return NULL;
        count(&m, &k, &w, start, taken);
        if (last == 0) continue;
        at += block_first(last) + 1;
        return at <= end && finish(&m, out) ? at : NULL;
    }
    return NULL;
}

/* Bytes of texts that need a look: what stands between quotes mostly needs none. */
const uint8_t *ISA_NAME(json_plain)(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= BLOCK; at += BLOCK) {
        const block b = block_load(at);
        const uint64_t special = ~block_in(b, ' ', 0x80 - ' ') | block_is(b, '"') |
                                 block_is(b, '\\');

        if (special != 0) return at + block_first(special);
    }
    return at;
}
