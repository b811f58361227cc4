/* statistics.c - counters without a lock: each is exact, together they may be a request apart.
 */
#include "statistics.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_US 1000

enum counter {
    SUCCESS,
    FAIL,
    SUCCESS_US,
    FAIL_US,
    QUEUE_US,
    INPUT_US,
    INFER_US,
    OUTPUT_US,
    COUNTERS
};

struct statistics {
    _Atomic int64_t count[COUNTERS];
    _Atomic int64_t last_ms; /* since 1970; 0: never */
};

struct statistics *statistics_new(void)
{
    return calloc((size_t)sc_op_count, sizeof(struct statistics));
}

static void add(struct statistics *s, enum counter counter, int64_t value)
{
    atomic_fetch_add_explicit(&s->count[counter], value, memory_order_relaxed);
}

static int64_t get(const struct statistics *s, enum counter counter)
{
    return atomic_load_explicit(&s->count[counter], memory_order_relaxed);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void statistics_add(struct statistics *statistics, const struct sc_op *op,
                    const struct http_timing *timing, bool success)
{
    struct statistics *s = &statistics[op->id];
    const int64_t total = timing->queued + timing->decoded + timing->computed + timing->encoded;

    add(s, success ? SUCCESS_US : FAIL_US, total);
    add(s, success ? SUCCESS : FAIL, 1);
    if (!success) return;
    add(s, QUEUE_US, timing->queued);
    add(s, INPUT_US, timing->decoded);
    add(s, INFER_US, timing->computed);
    add(s, OUTPUT_US, timing->encoded);
    atomic_store_explicit(&s->last_ms, now_ms(), memory_order_relaxed);
}

static void write_duration(struct json_writer *j, const char *key, int64_t count, int64_t us)
{
    json_open(j, key, '{');
    json_int(j, "count", count);
    json_int(j, "ns", us * NS_PER_US);
    json_close(j, '}');
}

void statistics_write(struct json_writer *j, const struct statistics *statistics,
                      const struct sc_op *op)
{
    const struct statistics *s = &statistics[op->id];
    const int64_t count = get(s, SUCCESS);

    json_int(j, "last_inference", atomic_load_explicit(&s->last_ms, memory_order_relaxed));
    json_int(j, "inference_count", count);
    json_int(j, "execution_count", count);
    json_open(j, "inference_stats", '{');
    write_duration(j, "success", count, get(s, SUCCESS_US));
    write_duration(j, "fail", get(s, FAIL), get(s, FAIL_US));
    write_duration(j, "queue", count, get(s, QUEUE_US));
    write_duration(j, "compute_input", count, get(s, INPUT_US));
    write_duration(j, "compute_infer", count, get(s, INFER_US));
    write_duration(j, "compute_output", count, get(s, OUTPUT_US));
    write_duration(j, "cache_hit", 0, 0);
    write_duration(j, "cache_miss", 0, 0);
    json_close(j, '}');
    json_open(j, "response_stats", '{');
    json_close(j, '}');
    json_open(j, "batch_stats", '[');
    json_close(j, ']');
    json_open(j, "memory_usage", '[');
    json_close(j, ']');
}
