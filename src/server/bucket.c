/* bucket.c - see bucket.h. */
#include "bucket.h"

#include <math.h>

void bucket_refill(struct bucket *b, int64_t rate, int64_t now)
{
    if (now <= b->at) return;
    b->level += (double)rate * (double)(now - b->at) / 1e6;
    if (b->level > (double)rate) b->level = (double)rate;
    b->at = now;
}

bool bucket_has(const struct bucket *b)
{
    return b->level >= 1;
}

void bucket_charge(struct bucket *b, int64_t tokens)
{
    b->level -= (double)tokens;
}

int64_t bucket_seconds(const struct bucket *b, int64_t rate)
{
    return (int64_t)ceil(((double)rate - b->level) / (double)rate);
}

int64_t bucket_left(const struct bucket *b)
{
    return b->level > 0 ? (int64_t)b->level : 0;
}
