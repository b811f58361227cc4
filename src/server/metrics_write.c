/* metrics_write.c - the table of metrics as text. */
#include "metrics_rows.h"

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
        metrics_row_fn *write;
    } rows[] = {
#define COUNTER                         "counter"
#define GAUGE                           "gauge"
#define HISTOGRAM                       "histogram"
#define METRIC(kind, name, help, write) {#name, kind, help, metrics_row_##write},
#include "metrics.def"
#undef METRIC
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct page page = {.out = out, .server = server, .rq = rq, .name = rows[i].name};

        sc_writef(out, "# HELP " METRICS_PREFIX "%s %s\n# TYPE " METRICS_PREFIX "%s %s\n",
                  rows[i].name, rows[i].help, rows[i].name, rows[i].type);
        rows[i].write(&page);
    }
}
