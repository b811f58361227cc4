/* log.c - events as lines of JSON. */
#include "log.h"

#include <linux/limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "json.h"

#define LINE_MEMORY   ((size_t)64 << 10)
/* Bytes of a client's text as it is printed, so that a line is never above PIPE_BUF. */
#define METHOD_MAX    128
#define PATH_TEXT_MAX 2048

static _Atomic enum log_level lowest = LOG_INFO;
static _Atomic int64_t slow_us; /* 0: nothing is slow */
static _Atomic int64_t lost;
/* So that a line that is seen to fit still does when it is written. */
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

static const char *const names[] = {"debug", "info", "warning", "error"};

bool log_level_find(const char *name, enum log_level *out)
{
    for (enum log_level level = LOG_DEBUG; level <= LOG_ERROR; level++) {
        if (strcmp(name, names[level]) != 0) continue;
        *out = level;
        return true;
    }
    return false;
}

void log_start(enum log_level level, int64_t slow_ms)
{
    atomic_store(&lowest, level);
    atomic_store(&slow_us, slow_ms * 1000);
}

int64_t log_lost(void)
{
    return atomic_load(&lost);
}

/* A line under construction, with memory of its own: the request may have none left. */
struct line {
    struct sc_arena arena;
    struct sc_writer out;
    struct json_writer json;
};

static void line_open(struct line *line, enum log_level level, const char *event)
{
    static const struct codec_style style;
    char text[40];
    struct timespec now;
    struct tm utc;

    sc_arena_init(&line->arena, LINE_MEMORY, NULL);
    sc_writer_init(&line->out, &line->arena);
    line->json = (struct json_writer){.out = &line->out, .style = &style};
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + strlen(text), 8, ".%03dZ", (int)(now.tv_nsec / 1000000));
    json_open(&line->json, NULL, '{');
    json_text(&line->json, "time", text);
    json_text(&line->json, "level", names[level]);
    json_text(&line->json, "event", event);
}

/* A disk that becomes full takes the beginning of a line: the next one is put below it. */
static bool write_whole(const uint8_t *data, size_t size)
{
    static bool cut;
    const size_t before = cut ? 1 : 0;
    const struct iovec piece[] = {{(void *)(uintptr_t) "\n", before},
                                  {(void *)(uintptr_t)data, size}};
    const ssize_t written = writev(STDERR_FILENO, piece, 2);

    if (written <= 0) return false;
    cut = (size_t)written < before + size && (size_t)written != before;
    return (size_t)written == before + size;
}

/* Never waits: a pipe that nobody reads must not stop the server. poll says that a pipe is
 * writable when PIPE_BUF bytes fit; a longer line would be lost. */
static bool write_line(const struct sc_writer *out)
{
    struct pollfd file = {.fd = STDERR_FILENO, .events = POLLOUT};
    bool written;

    if (out->size >= PIPE_BUF) return false;
    pthread_mutex_lock(&writing);
    written = poll(&file, 1, 0) > 0 && (file.revents & POLLOUT) != 0 &&
              write_whole(out->data, out->size);
    pthread_mutex_unlock(&writing);
    return written;
}

static void line_close(struct line *line)
{
    json_close(&line->json, '}');
    sc_write_byte(&line->out, '\n');
    if (line->out.failed || !write_line(&line->out)) atomic_fetch_add(&lost, 1);
    sc_arena_done(&line->arena);
}

void log_event(enum log_level level, const char *format, ...)
{
    struct line line;
    char text[512];
    va_list args;

    if (level < atomic_load(&lowest)) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    line_open(&line, level, "server");
    json_text(&line.json, "message", text);
    line_close(&line);
}

/* One that JSON too has as it is. */
static bool is_plain(char c)
{
    return c > ' ' && c <= '~' && c != '"' && c != '\\';
}

/* Text of a client as it is safe to print: what is not plain ASCII in percent signs, cut when
 * it is long. */
static const char *escaped(const char *text, size_t most, struct sc_arena *arena)
{
    struct sc_writer out;

    sc_writer_init(&out, arena);
    for (; *text != '\0' && out.size + strlen("%00") <= most; text++)
        if (is_plain(*text))
            sc_write_byte(&out, *text);
        else
            sc_writef(&out, "%%%02X", (unsigned char)*text);
    if (*text != '\0') sc_writef(&out, "...");
    sc_write_byte(&out, '\0');
    return out.failed ? "" : (const char *)out.data;
}

static void write_timing(struct json_writer *j, const struct http_timing *timing,
                         int64_t total_us)
{
    json_open(j, "ms", '{');
    json_real(j, "total", (double)total_us / 1e3);
#define STAGE(member, name) json_real(j, name, (double)timing->member / 1e3);
#include "stages.def"
#undef STAGE
    json_close(j, '}');
}

/* "00-<trace>-<span>-<flags>" */
static void write_trace(struct json_writer *j, const char *trace)
{
    char text[33];

    if (trace[0] == '\0') return;
    snprintf(text, sizeof text, "%.32s", trace + 3);
    json_text(j, "trace", text);
    snprintf(text, sizeof text, "%.16s", trace + 36);
    json_text(j, "span", text);
}

/* Errors that whoever runs the server looks into; the others are told to their callers. */
static bool is_of_server(int status)
{
    return status == 429 || status >= 500;
}

static void write_request(struct line *line, const struct log_entry *entry)
{
    const struct http_request *rq = entry->rq;
    struct json_writer *j = &line->json;
    char name[96];

    json_text(j, "id", rq->id);
    write_trace(j, rq->trace);
    json_text(j, "method", escaped(rq->method_text, METHOD_MAX, &line->arena));
    json_text(j, "path", escaped(rq->path, PATH_TEXT_MAX, &line->arena));
    if (rq->team != NULL) json_text(j, "team", rq->team);
    if (rq->key_mark[0] != '\0') json_text(j, "key", rq->key_mark);
    if (entry->op != NULL) {
        snprintf(name, sizeof name, "%s/%s", sc_family_name(entry->op->family),
                 entry->op->name);
        json_text(j, "op", name);
    }
    if (rq->format != NULL) json_text(j, "format", rq->format);
    if (entry->op != NULL || rq->format != NULL) write_timing(j, &rq->timing, entry->total_us);
    if (rq->reply.status != 0) json_int(j, "status", rq->reply.status);
    json_int(j, "bytes_in", rq->came);
    json_int(j, "bytes_out", (int64_t)http_reply_size(&rq->reply));
    if (rq->reply.error != NULL) json_text(j, "error", rq->reply.error);
    if (is_of_server(rq->reply.status) && rq->note.detail[0] != '\0')
        json_text(j, "detail", rq->note.detail);
}

static bool is_slow(const struct log_entry *entry)
{
    const int64_t most = atomic_load(&slow_us);

    return most > 0 && entry->total_us > most;
}

static enum log_level level_of(const struct log_entry *entry)
{
    if (is_slow(entry)) return LOG_WARNING;
    if (entry->rq->probe) return LOG_DEBUG;
    return entry->rq->reply.status >= 500 ? LOG_WARNING : LOG_INFO;
}

void log_request(const struct log_entry *entry)
{
    const enum log_level level = level_of(entry);
    struct line line;

    if (level < atomic_load(&lowest)) return;
    line_open(&line, level, "request");
    write_request(&line, entry);
    if (is_slow(entry)) json_bool(&line.json, "slow", true);
    if (!entry->sent) json_bool(&line.json, "client_gone", true);
    line_close(&line);
}
