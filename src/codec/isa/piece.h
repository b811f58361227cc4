/* piece.h - a text whose grammar has been checked, a piece of some 4 KB after another: first
 * where its tokens begin, then their values, so that no number waits for the end of the one
 * before. */
#pragma once

#include "digits32.h"
#include "isa.h"

#ifdef HAVE_DIGITS

#define PIECE  4096 /* bytes, and the rest of the last token */
#define TOKENS (PIECE / 2)

struct piece {
    const uint8_t *begin, *end; /* between two tokens, both */
    struct sc_bytes text;       /* all of it */
    int64_t left;               /* numbers from `begin` on */
    int count;
    bool found;                  /* is `at` filled? */
    uint16_t at[TOKENS + BLOCK]; /* where tokens begin */
};

static inline uint64_t tokens_in(block b)
{
    return ~(block_in(b, 0, ' ' + 1) | block_is(b, ',') | block_is(b, '[') | block_is(b, ']'));
}

static inline bool is_token(uint8_t byte)
{
    return byte > ' ' && byte != ',' && byte != '[' && byte != ']';
}

/* Before the first piece. */
static inline void piece_begin(struct piece *p, struct sc_bytes text, int64_t count)
{
    p->end = text.data;
    p->text = text;
    p->left = count;
}

/* The next piece; false at the end. */
static inline bool next_piece(struct piece *p)
{
    const uint8_t *end = p->text.data + p->text.size;
    const size_t size = p->end == p->text.data ? BLOCK : PIECE;

    p->begin = p->end;
    p->found = false;
    if (p->begin >= end || p->left == 0) return false;
    if ((size_t)(end - p->begin) > size) end = p->begin + size;
    while (end < p->text.data + p->text.size && is_token(*end)) end++;
    p->end = end;
    return true;
}

/* Is it that at the begin of the text, before which nobody may read? It is short. */
static inline bool is_first(const struct piece *p)
{
    return p->begin == p->text.data;
}

/* Bits of the bytes at `at` that come before `end`. */
static inline uint64_t before(const uint8_t *at, const uint8_t *end)
{
    return end - at < BLOCK ? ((uint64_t)1 << (end - at)) - 1 : UINT64_MAX;
}

/* Finds where the tokens of a piece begin. */
static inline void find_tokens(struct piece *p)
{
    uint64_t was = 0;

    p->count = 0;
    for (const uint8_t *at = p->begin; at < p->end; at += BLOCK) {
        const uint64_t token = tokens_in(block_load(at));
        uint64_t start = token & ~block_behind(token, was) & before(at, p->end);
        const int base = (int)(at - p->begin), last = p->count + block_count(start);

        was = token;
        for (int n = p->count; n < last; n += 4)
            for (int i = 0; i < 4; i++) { /* what goes too far is written over */
                p->at[n + i] = (uint16_t)(base + block_first(start | (uint64_t)1 << 63));
                start &= start - 1;
            }
        p->count = last;
    }
    if (p->count > p->left) p->count = (int)p->left;
    p->found = true;
}

static inline const uint8_t *token_at(struct piece *p, int i)
{
    if (!p->found) find_tokens(p);
    return p->begin + p->at[i];
}
#endif
