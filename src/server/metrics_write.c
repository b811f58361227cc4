/* metrics_write.c - the table of metrics as text. */
#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "json.h"
#include "log.h"
#include "metrics.h"
#include "server.h"

#define PREFIX "scored_"

/* Of one metric while it is printed. */
struct page {
    struct sc_writer *out;
    struct server *server;
    const struct http_request *rq;
    const char *name;
};

typedef void write_fn(struct page *page);

#define METRIC(kind, name, help, write) static write_fn write_##write;
#include "metrics.def"
#undef METRIC

static void sample(struct page *p, double value)
{
    sc_writef(p->out, PREFIX "%s %.17g\n", p->name, value);
}

static void labelled(struct page *p, const char *label, const char *text, double value)
{
    sc_writef(p->out, PREFIX "%s{%s=\"%s\"} %.17g\n", p->name, label, text, value);
}

/* ---- requests ---- */

/* Names of teams come from a file, and may have what must be escaped. */
static void label(struct page *p, const char *name, const char *text)
{
    sc_writef(p->out, "%s=\"", name);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') sc_write_byte(p->out, '\\');
        sc_write_byte(p->out, *text);
    }
    sc_write_byte(p->out, '"');
}

static void write_series(struct page *p, const struct series *s)
{
    char operation[96], status[16] = "none";

    if (s->op != NULL)
        snprintf(operation, sizeof operation, "%s/%s", sc_family_name(s->op->family),
                 s->op->name);
    if (s->status > 0) snprintf(status, sizeof status, "%d", s->status);
    sc_writef(p->out, PREFIX "%s{", p->name);
    label(p, "operation", s->op ? operation : s->route ? s->route : "none");
    label(p, ",format", s->format ? s->format : "none");
    label(p, ",status", status);
    label(p, ",team", s->team ? s->team : "none");
    sc_writef(p->out, "} %lld\n", (long long)s->count);
}

static void write_requests(struct page *p)
{
    const int64_t other = metrics_other(p->server->metrics);
    struct series s;

    for (int i = 0; i < METRICS_SERIES; i++)
        if (metrics_series(p->server->metrics, i, &s)) write_series(p, &s);
    if (other > 0)
        write_series(p,
                     &(struct series){
                         .route = "other", .format = "other", .team = "other", .count = other});
}

/* Cumulative; the count is that of the last bucket, so that the two always agree. */
static void histogram(struct page *p, const struct histogram *h, const char *labels)
{
    const char *comma = labels[0] != '\0' ? "," : "";
    int64_t sum = 0;

    for (int i = 0; i <= METRICS_BUCKETS; i++) {
        sum += atomic_load_explicit(&h->count[i], memory_order_relaxed);
        sc_writef(p->out, PREFIX "%s_bucket{%s%sle=\"", p->name, labels, comma);
        if (i < METRICS_BUCKETS)
            sc_writef(p->out, "%g\"} %lld\n", metrics_bucket[i], (long long)sum);
        else
            sc_writef(p->out, "+Inf\"} %lld\n", (long long)sum);
    }
    if (labels[0] != '\0')
        sc_writef(p->out, PREFIX "%s_sum{%s} %.17g\n" PREFIX "%s_count{%s} %lld\n", p->name,
                  labels, (double)h->us / 1e6, p->name, labels, (long long)sum);
    else
        sc_writef(p->out, PREFIX "%s_sum %.17g\n" PREFIX "%s_count %lld\n", p->name,
                  (double)h->us / 1e6, p->name, (long long)sum);
}

static void write_durations(struct page *p)
{
    histogram(p, metrics_total(p->server->metrics), "");
}

static void write_stages(struct page *p)
{
    char labels[32];

    for (enum metrics_stage i = 0; i < METRICS_STAGES; i++) {
        snprintf(labels, sizeof labels, "stage=\"%s\"", metrics_stage_name[i]);
        histogram(p, metrics_of_stage(p->server->metrics, i), labels);
    }
}

static void write_in_flight(struct page *p)
{
    sample(p, http_requests(p->server->http));
}

static void write_received(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->bytes_in);
}

static void write_sent(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->bytes_out);
}

/* ---- connections ---- */

static void write_connections(struct page *p)
{
    sample(p, http_open(p->server->http));
}

static void write_connections_limit(struct page *p)
{
    sample(p, (double)http_connections(p->server->http));
}

static void write_accepted(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->accepted);
}

static void write_refused(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->refused);
}

static void write_evicted(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->evicted);
}

static void write_slow(struct page *p)
{
    const struct http_counts *counts = http_counts(p->server->http);

    labelled(p, "part", "head", (double)counts->late_heads);
    labelled(p, "part", "body", (double)counts->late_bodies);
    labelled(p, "part", "reply", (double)counts->late_replies);
}

/* ---- queue, memory, threads ---- */

static void write_queued(struct page *p)
{
    sample(p, (double)http_queued(p->server->http));
}

static void write_oldest(struct page *p)
{
    sample(p, (double)http_oldest(p->server->http) / 1e6);
}

static void of_team(struct page *p, const struct team *team, double value)
{
    sc_writef(p->out, PREFIX "%s{", p->name);
    label(p, "team", team->name);
    sc_writef(p->out, "} %.17g\n", value);
}

static void write_team_queued(struct page *p)
{
    const struct team *team = teams_first(&p->server->teams);

    for (; team != NULL; team = team->next)
        of_team(p, team, (double)http_usage(p->rq, &team->tenant).waiting);
}

static void write_team_used(struct page *p)
{
    const struct team *team = teams_first(&p->server->teams);

    for (; team != NULL; team = team->next)
        of_team(p, team, (double)http_usage(p->rq, &team->tenant).used_us / 1e6);
}

static void write_team_refused(struct page *p)
{
    const struct team *team = teams_first(&p->server->teams);

    for (; team != NULL; team = team->next)
        of_team(p, team, (double)team_look(&p->server->teams, team).usage.refused);
}

static void write_memory_limit(struct page *p)
{
    sample(p, (double)p->server->budget.limit);
}

static void write_memory_reserved(struct page *p)
{
    sample(p, (double)atomic_load(&p->server->budget.used));
}

static void write_memory_peak(struct page *p)
{
    sample(p, (double)atomic_load(&p->server->budget.peak));
}

static void write_threads(struct page *p)
{
    labelled(p, "kind", "compute", (double)p->server->config->threads);
    labelled(p, "kind", "io", (double)p->server->config->io_threads);
}

static void write_throttled(struct page *p)
{
    sample(p, cgroup_throttled(""));
}

/* ---- the program ---- */

static void write_lost_lines(struct page *p)
{
    sample(p, (double)log_lost());
}

static void write_ready(struct page *p)
{
    sample(p, atomic_load(&p->server->phase) == READY);
}

static void write_numerics(struct page *p)
{
    sample(p, SC_NUMERICS);
}

static void write_build_info(struct page *p)
{
    sc_writef(p->out,
              PREFIX "%s{version=\"" SCORED_VERSION "\",commit=\"" SCORED_COMMIT
                     "\",isa=\"%s\",libmicrohttpd=\"%s\"} 1\n",
              p->name, sc_isa(), http_library());
}

static void write_cpu(struct page *p)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    sample(p, (double)used.tv_sec + (double)used.tv_nsec / 1e9);
}

static void write_resident(struct page *p)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long long size, resident = 0;

    if (file == NULL) return;
    if (fscanf(file, "%lld %lld", &size, &resident) != 2) resident = 0;
    fclose(file);
    sample(p, (double)resident * (double)sysconf(_SC_PAGESIZE));
}

static void write_open_files(struct page *p)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = -3; /* . and .. and that of the folder itself */

    if (folder == NULL) return;
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    sample(p, count);
}

static void write_started(struct page *p)
{
    sample(p, p->server->started);
}

/* ---- all ---- */

/* Bytes of a text, generously. */
#define FIXED_SIZE  ((size_t)64 << 10) /* all but these: */
#define SERIES_SIZE ((size_t)320)
#define TEAM_SIZE   ((size_t)512) /* three lines */

size_t metrics_size(struct server *server)
{
    const struct team *team = teams_first(&server->teams);
    size_t size = FIXED_SIZE;
    struct series s;

    for (int i = 0; i < METRICS_SERIES; i++)
        if (metrics_series(server->metrics, i, &s)) size += SERIES_SIZE;
    for (; team != NULL; team = team->next) size += TEAM_SIZE;
    return size;
}

void metrics_write(struct sc_writer *out, struct server *server, const struct http_request *rq)
{
    static const struct {
        const char *name, *type, *help;
        write_fn *write;
    } rows[] = {
#define COUNTER                         "counter"
#define GAUGE                           "gauge"
#define HISTOGRAM                       "histogram"
#define METRIC(kind, name, help, write) {#name, kind, help, write_##write},
#include "metrics.def"
#undef METRIC
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct page page = {.out = out, .server = server, .rq = rq, .name = rows[i].name};

        sc_writef(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", rows[i].name,
                  rows[i].help, rows[i].name, rows[i].type);
        rows[i].write(&page);
    }
}
