/* shares.c - see shares.h. */
#include "shares.h"

#include <stddef.h>

static void join(struct shares *shares, struct share *share)
{
    if (share->listed) return;
    share->listed = true;
    share->next = shares->first;
    shares->first = share;
}

static bool is_expected(const struct share *share, int64_t now)
{
    return share->expected_until > now;
}

static size_t held(const struct share *share)
{
    return atomic_load(&share->budget->used);
}

size_t share_of(struct shares *shares, struct share *share, int64_t now)
{
    int64_t weights = 0;

    join(shares, share);
    for (const struct share *s = shares->first; s != NULL; s = s->next)
        if (s == share || held(s) > 0 || is_expected(s, now)) weights += s->weight;
    return (size_t)((double)atomic_load(&shares->of->limit) * (double)share->weight /
                    (double)weights);
}

static bool is_within(struct shares *shares, struct share *share, size_t size, int64_t now)
{
    const size_t most = share_of(shares, share, now), has = held(share);

    return has <= most && size <= most - has;
}

bool share_allows(struct shares *shares, struct share *share, size_t size, int64_t now)
{
    bool others = false;

    for (const struct share *s = shares->first; s != NULL; s = s->next)
        others = others || (s != share && is_expected(s, now));
    return !others || is_within(shares, share, size, now);
}

void share_got(struct share *share)
{
    share->expected_until = 0;
}

void share_missed(struct shares *shares, struct share *share, size_t size, int64_t now,
                  int64_t until)
{
    if (is_within(shares, share, size, now)) share->expected_until = until;
}
