/* shares.h - who may take more of the memory, when several want it.
 *
 * A plain data structure: no lock, no clock of its own. While nobody waits, each may take what
 * is free. Nobody can wait in a queue for memory, for he is refused and comes again; so one who
 * was refused below his share is expected back until some time, and until then nobody takes
 * more than a share. Shares are by weight, among those who hold something or are expected. */
#pragma once

#include "arena.h"

struct share {
    int64_t weight;                 /* at least 1 */
    const struct sc_budget *budget; /* what he holds */
    int64_t expected_until;         /* private from here */
    struct share *next;
    bool listed;
};

/* Zeroed but for `of`. */
struct shares {
    const struct sc_budget *of; /* all that there is */
    struct share *first;
};

/* The share of one, in bytes. */
size_t share_of(struct shares *shares, struct share *share, int64_t now);
/* May he take so much more? Not past his share while another is expected. */
bool share_allows(struct shares *shares, struct share *share, size_t size, int64_t now);
/* He got it, and is expected no more. */
void share_got(struct share *share);
/* There was not so much: he is expected again, if it would have been within his share. */
void share_missed(struct shares *shares, struct share *share, size_t size, int64_t now,
                  int64_t until);
