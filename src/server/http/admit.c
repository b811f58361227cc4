/* admit.c - memory for a request, from its headers, before anything of it is allocated.
 *
 * Small requests take theirs from all that there is; others through their tenant's budget and
 * that for large requests, which leaves a part to the small. What is needed is reserved at
 * once; chunked bodies, whose size nobody knows, begin with little and double it. */
#include "exchange.h"

#define SMALL_BODY  65536
/* Who was refused is expected back so long after the time that he was told. */
#define PATIENCE_US 2000000

static const struct http_verdict go_on;

/* With what an arena adds to it. */
#define AROUND ((size_t)4 << 10)

bool admit_is_small(const struct exchange *x)
{
    return x->body.announced != BODY_CHUNKED && x->body.announced <= SMALL_BODY;
}

static struct http_verdict too_large(const struct exchange *x)
{
    return (struct http_verdict){
        413, "the body needs more memory than the limit `request_memory_bytes`",
        &x->server->config.request_memory};
}

static struct http_verdict over_share(void)
{
    return (struct http_verdict){.status = 429,
                                 .reason =
                                     "the team has more than its share of the memory, and "
                                     "others wait for theirs"};
}

static struct http_verdict never(void)
{
    return (struct http_verdict){.status = 413,
                                 .reason = "the body needs more memory than the team's quota "
                                           "`concurrent_bytes` ever allows"};
}

/* What would be refused to a request that is alone is 413: it will never fit. */
struct http_verdict admit_no_memory(struct exchange *x)
{
    const struct sc_arena *arena = &x->rq.arena;

    if (arena->over_limit) return arena->over_budget ? never() : too_large(x);
    if (arena->over_budget)
        return (struct http_verdict){.status = 429,
                                     .reason = "the team's requests hold as much memory as its "
                                               "quota `concurrent_bytes` allows"};
    x->rq.no_memory = true;
    return (struct http_verdict){.status = 503, .reason = "no memory is free for the body now"};
}

/* A share of the server's, with its lock. */
static bool allows(struct exchange *x, size_t size)
{
    struct http_tenant *tenant = x->rq.tenant;
    bool may;

    pthread_mutex_lock(&x->server->shares_lock);
    tenant->share.weight = atomic_load(&tenant->weight);
    tenant->share.budget = &tenant->budget;
    may = share_allows(&x->server->shares, &tenant->share, size, sc_clock_us());
    pthread_mutex_unlock(&x->server->shares_lock);
    return may;
}

static void remember(struct exchange *x, size_t size, bool got)
{
    const int64_t now = sc_clock_us(), until = now + x->rq.retry_after * 1000000 + PATIENCE_US;
    struct http_tenant *tenant = x->rq.tenant;

    pthread_mutex_lock(&x->server->shares_lock);
    if (got)
        share_got(&tenant->share);
    else
        share_missed(&x->server->shares, &tenant->share, size, now, until);
    pthread_mutex_unlock(&x->server->shares_lock);
}

static struct http_verdict reserve(struct exchange *x, size_t size)
{
    struct sc_arena *arena = &x->rq.arena;
    bool got;

    if (!allows(x, size)) return over_share();
    got = sc_arena_reserve(arena, size);
    /* Who is stopped by a quota of his own waits for nobody, and nobody for him. */
    if (got || !arena->over_budget) remember(x, size, got);
    return got ? go_on : admit_no_memory(x);
}

/* Can a body alone fit, ever? */
static struct http_verdict check_body(const struct exchange *x, size_t body)
{
    const size_t quota = atomic_load(&x->rq.tenant->budget.limit);

    if (body > (size_t)x->server->config.request_memory) return too_large(x);
    return body <= quota ? go_on : never();
}

/* What one request may have: more is not reserved, however much is estimated. */
static size_t most_of(const struct exchange *x)
{
    const size_t quota = atomic_load(&x->rq.tenant->budget.limit),
                 most = (size_t)x->server->config.request_memory;

    return most < quota ? most : quota;
}

struct http_verdict admit(struct exchange *x)
{
    const size_t body = x->body.announced > 0 ? (size_t)x->body.announced + AROUND : AROUND;
    const size_t extra = (size_t)x->rq.extra_memory, most = most_of(x);
    const struct http_verdict verdict = check_body(x, body);

    if (admit_is_small(x) || verdict.status != 0) return verdict;
    if (most < body) return never(); /* the quota has just been lowered */
    return reserve(x, extra < most - body ? body + extra : most);
}

/* The old buffer is there until the new one has what was in it. What can never be is left to
 * the arena, which says so. */
struct http_verdict admit_more(struct exchange *x, size_t size)
{
    const struct sc_arena *arena = &x->rq.arena;
    const size_t need = size + AROUND;

    if (need <= arena->reserved || need > arena->limit - arena->held) return go_on;
    return reserve(x, need - arena->reserved);
}
