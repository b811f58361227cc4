/* metrics_rows.c - the samples of each row of metrics.def.
 *
 * No text needs to be escaped: labels are literals, and names of teams, which are letters,
 * digits, '.', '_' and '-' (keyfile.h). */
#include "metrics_rows.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "log.h"

#define PREFIX METRICS_PREFIX

static void sample(struct page *p, double value)
{
    sc_writef(p->out, PREFIX "%s %.17g\n", p->name, value);
}

static void labelled(struct page *p, const char *label, const char *text, double value)
{
    sc_writef(p->out, PREFIX "%s{%s=\"%s\"} %.17g\n", p->name, label, text, value);
}

/* ---- requests ---- */

static void write_series(struct page *p, const struct series *s)
{
    char operation[96], status[16] = "none";

    if (s->op != NULL)
        snprintf(operation, sizeof operation, "%s/%s", sc_family_name(s->op->family),
                 s->op->name);
    if (s->status > 0) snprintf(status, sizeof status, "%d", s->status);
    sc_writef(p->out,
              PREFIX "%s{operation=\"%s\",format=\"%s\",status=\"%s\",team=\"%s\"} %lld\n",
              p->name,
              s->op      ? operation
              : s->route ? s->route
                         : "none",
              s->format ? s->format : "none", status, s->team ? s->team : "none",
              (long long)s->count);
}

void metrics_row_requests(struct page *p)
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

void metrics_row_durations(struct page *p)
{
    histogram(p, metrics_total(p->server->metrics), "");
}

void metrics_row_stages(struct page *p)
{
    char labels[32];

    for (enum metrics_stage i = 0; i < METRICS_STAGES; i++) {
        snprintf(labels, sizeof labels, "stage=\"%s\"", metrics_stage_name[i]);
        histogram(p, metrics_of_stage(p->server->metrics, i), labels);
    }
}

void metrics_row_in_flight(struct page *p)
{
    sample(p, http_requests(p->server->http));
}

void metrics_row_received(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->bytes_in);
}

void metrics_row_sent(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->bytes_out);
}

/* ---- connections ---- */

void metrics_row_connections(struct page *p)
{
    sample(p, http_open(p->server->http));
}

void metrics_row_connections_limit(struct page *p)
{
    sample(p, (double)http_connections(p->server->http));
}

void metrics_row_accepted(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->accepted);
}

void metrics_row_refused(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->refused);
}

void metrics_row_evicted(struct page *p)
{
    sample(p, (double)http_counts(p->server->http)->evicted);
}

void metrics_row_slow(struct page *p)
{
    const struct http_counts *counts = http_counts(p->server->http);

    labelled(p, "part", "head", (double)counts->late_heads);
    labelled(p, "part", "body", (double)counts->late_bodies);
    labelled(p, "part", "reply", (double)counts->late_replies);
}

/* ---- queue, memory, threads ---- */

void metrics_row_queued(struct page *p)
{
    sample(p, (double)http_queued(p->server->http));
}

void metrics_row_oldest(struct page *p)
{
    sample(p, (double)http_oldest(p->server->http) / 1e6);
}

void metrics_row_team_queued(struct page *p)
{
    const struct team *team = teams_first(&p->server->teams);

    for (; team != NULL; team = team->next)
        labelled(p, "team", team->name, (double)http_usage(p->rq, &team->tenant).waiting);
}

void metrics_row_team_used(struct page *p)
{
    const struct team *team = teams_first(&p->server->teams);

    for (; team != NULL; team = team->next)
        labelled(p, "team", team->name, (double)http_usage(p->rq, &team->tenant).used_us / 1e6);
}

void metrics_row_team_refused(struct page *p)
{
    const struct team *team = teams_first(&p->server->teams);

    for (; team != NULL; team = team->next)
        labelled(p, "team", team->name,
                 (double)team_look(&p->server->teams, team).usage.refused);
}

void metrics_row_memory_limit(struct page *p)
{
    sample(p, (double)p->server->budget.limit);
}

void metrics_row_memory_reserved(struct page *p)
{
    sample(p, (double)atomic_load(&p->server->budget.used));
}

void metrics_row_memory_peak(struct page *p)
{
    sample(p, (double)atomic_load(&p->server->budget.peak));
}

void metrics_row_threads(struct page *p)
{
    labelled(p, "kind", "compute", (double)p->server->config->threads);
    labelled(p, "kind", "io", (double)p->server->config->io_threads);
}

void metrics_row_throttled(struct page *p)
{
    sample(p, cgroup_throttled(""));
}

/* ---- the program ---- */

void metrics_row_lost_lines(struct page *p)
{
    sample(p, (double)log_lost());
}

void metrics_row_ready(struct page *p)
{
    sample(p, atomic_load(&p->server->phase) == READY);
}

void metrics_row_numerics(struct page *p)
{
    sample(p, SC_NUMERICS);
}

void metrics_row_build_info(struct page *p)
{
    sc_writef(p->out,
              PREFIX "%s{version=\"" SCORED_VERSION "\",commit=\"" SCORED_COMMIT
                     "\",isa=\"%s\",libmicrohttpd=\"%s\"} 1\n",
              p->name, sc_isa(), http_library());
}

void metrics_row_cpu(struct page *p)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    sample(p, (double)used.tv_sec + (double)used.tv_nsec / 1e9);
}

void metrics_row_resident(struct page *p)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long long size, resident = 0;

    if (file == NULL) return;
    if (fscanf(file, "%lld %lld", &size, &resident) != 2) resident = 0;
    fclose(file);
    sample(p, (double)resident * (double)sysconf(_SC_PAGESIZE));
}

void metrics_row_open_files(struct page *p)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = -3; /* . and .. and that of the folder itself */

    if (folder == NULL) return;
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    sample(p, count);
}

void metrics_row_started(struct page *p)
{
    sample(p, p->server->started);
}
