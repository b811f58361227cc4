/* bucket.h - so much a second: a bucket of tokens, with a clock that the caller brings.
 *
 * A bucket holds what one second gives, so that it may come at once. Who asks for more than
 * there is left gets it, once, and pays afterwards: so a request may be larger than a second's
 * worth, and the rate holds all the same. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Zeroed it is full, if the clock has run for a second. */
struct bucket {
    double level; /* tokens; negative: owed */
    int64_t at;   /* microseconds: when it was so full */
};

/* Lets in what has come since. */
void bucket_refill(struct bucket *b, int64_t rate, int64_t now);
/* Has it a token? Then it may be charged. */
bool bucket_has(const struct bucket *b);
void bucket_charge(struct bucket *b, int64_t tokens);
/* Whole seconds until it is full, rounded up. */
int64_t bucket_seconds(const struct bucket *b, int64_t rate);
/* Whole tokens that are there: 0 when they are owed. */
int64_t bucket_left(const struct bucket *b);
