/* metrics.c - counters by label sets, and histograms: atomic additions alone.
 *
 * A label set has a place in a table of fixed size. The first that needs a place takes it with
 * one exchange, and never gives it back; so readers and writers need no lock. */
#include "metrics.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

const double metrics_bucket[METRICS_BUCKETS] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                                1,      2.5,     5,      10,    30,     60};

const char *const metrics_stage_name[METRICS_STAGES] = {
#define STAGE(member, name) name,
#include "stages.def"
#undef STAGE
};

enum state { FREE, TAKEN, KNOWN };

struct place {
    _Atomic enum state state;
    const struct sc_op *op;
    const char *route, *format, *team;
    int status;
    _Atomic int64_t count;
};

struct metrics {
    struct place place[METRICS_SERIES];
    _Atomic int64_t other;
    struct histogram total, stage[METRICS_STAGES];
};

struct metrics *metrics_new(void)
{
    return calloc(1, sizeof(struct metrics));
}

void metrics_free(struct metrics *m)
{
    free(m);
}

static void add(_Atomic int64_t *counter, int64_t value)
{
    atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

/* ---- label sets ---- */

/* Literals, and names of rows and of teams, that live as long as the program: their addresses
 * are enough. Two addresses of one text would be one metric twice, so texts decide. */
static bool is_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_at(const struct place *p, const struct metrics_request *r)
{
    return p->status == r->status && p->op == r->op && is_text(p->route, r->route) &&
           is_text(p->format, r->format) && is_text(p->team, r->team);
}

/* Statuses of what a team has past its share. */
#define OTHERS 8

int metrics_share(int teams)
{
    const int share = METRICS_SERIES / (teams > 0 ? teams : 1) - OTHERS;

    return share > OTHERS ? share : OTHERS;
}

/* May the team have one more place? */
static bool count_place(const struct metrics_request *r)
{
    if (r->places == NULL) return true;
    if (atomic_fetch_add(r->places, 1) < r->share) return true;
    atomic_fetch_sub(r->places, 1);
    return false;
}

/* Takes a free place for the request; false: another was faster. */
static bool take(struct place *p, const struct metrics_request *r)
{
    enum state expected = FREE;

    if (!atomic_compare_exchange_strong(&p->state, &expected, TAKEN)) return false;
    p->op = r->op;
    p->route = r->route;
    p->format = r->format;
    p->team = r->team;
    p->status = r->status;
    atomic_store_explicit(&p->state, KNOWN, memory_order_release);
    return true;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 0x9e3779b97f4a7c15U;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) hash = mix(hash, (unsigned char)*text);
    return hash;
}

/* The route of an operation is told by the operation. */
static size_t first_place(const struct metrics_request *r)
{
    const uint64_t where = r->op ? mix(1, (uint64_t)r->op->id) : mix_text(2, r->route);

    return mix(mix_text(mix_text(where, r->format), r->team), (uint64_t)r->status) >> 40;
}

/* All that a team has past its share, by status: alerts look at that. */
static struct metrics_request other_of(const struct metrics_request *r)
{
    return (struct metrics_request){
        .route = "other", .format = "other", .team = r->team, .status = r->status};
}

static bool is_free(const struct place *p)
{
    return atomic_load_explicit(&p->state, memory_order_acquire) == FREE;
}

/* NULL: the team may have no more places. One that is being filled by another thread at this
 * moment is waited for: five stores. */
static _Atomic int64_t *find(struct metrics *m, const struct metrics_request *r)
{
    size_t at = first_place(r);

    for (int tries = 0; tries < METRICS_SERIES; tries++, at++) {
        struct place *p = &m->place[at % METRICS_SERIES];

        if (is_free(p)) {
            if (!count_place(r)) return NULL;
            if (take(p, r)) return &p->count;
            if (r->places != NULL) atomic_fetch_sub(r->places, 1);
        }
        while (atomic_load_explicit(&p->state, memory_order_acquire) != KNOWN) continue;
        if (is_at(p, r)) return &p->count;
    }
    return &m->other;
}

/* ---- histograms ---- */

static void observe(struct histogram *h, int64_t us)
{
    int at = 0;

    while (at < METRICS_BUCKETS && (double)us > metrics_bucket[at] * 1e6) at++;
    add(&h->count[at], 1);
    add(&h->us, us);
}

static void observe_stages(struct metrics *m, const struct http_timing *timing)
{
#define STAGE(member, name) observe(&m->stage[METRICS_STAGE_##member], timing->member);
#include "stages.def"
#undef STAGE
}

void metrics_add(struct metrics *m, const struct metrics_request *request)
{
    struct metrics_request r = *request, other = other_of(request);
    _Atomic int64_t *count;

    if (r.op != NULL) r.route = NULL; /* one series for all ways to an operation */
    count = find(m, &r);
    add(count != NULL ? count : find(m, &other), 1);
    if (!r.probe) observe(&m->total, r.total_us);
    if (r.ran) observe_stages(m, r.timing);
}

/* ---- reading ---- */

const struct histogram *metrics_total(const struct metrics *m)
{
    return &m->total;
}

const struct histogram *metrics_of_stage(const struct metrics *m, enum metrics_stage stage)
{
    return &m->stage[stage];
}

bool metrics_series(const struct metrics *m, int place, struct series *out)
{
    const struct place *p = &m->place[place];

    if (atomic_load_explicit(&p->state, memory_order_acquire) != KNOWN) return false;
    *out = (struct series){p->op,     p->route,
                           p->format, p->team,
                           p->status, atomic_load_explicit(&p->count, memory_order_relaxed)};
    return true;
}

int64_t metrics_other(const struct metrics *m)
{
    return atomic_load(&m->other);
}
