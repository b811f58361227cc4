/* json.c - `json [ROUNDS] [NUMBERS] [FILE]`: numbers out of JSON and into it beside cJSON and
 * simdjson On-Demand; base64 and multipart beside a copy. A round runs every side of a row
 * once, one after another; figures are medians of CPU time, ratios medians of the ratios of a
 * round. What is read is compared with what the peers have read. FILE gets the figures as JSON.
 */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base64.h"
#include "codec.h"
#include "json.h"
#include "json_peers.h"

#define ROUNDS_MAX 99
#define SIDES_MAX  4
#define ARENA      ((size_t)8 << 30)

/* What a row is about. */
struct job {
    struct sc_bytes text, body; /* the flat array of the peers; the whole body of ours */
    const char *type;           /* its Content-Type */
    enum sc_dtype dtype;
    size_t count;
    const void *values; /* what is printed */
    void *out;          /* where peers put what they read */
    size_t out_size;
};

/* One of those that do it: once, and false where it cannot. */
struct side {
    const char *name;
    bool (*run)(const struct side *side, const struct job *job);
    const struct peer *peer;
    double seconds[ROUNDS_MAX];
    double memory;  /* how far the peak of resident memory rises */
    size_t printed; /* bytes of its text */
};

static int rounds = 7;
static size_t numbers = 1000000;
static FILE *file;
static unsigned passed, failed;

/* ---- data ---- */

static uint64_t draw(void)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state ^ state >> 29) * 0x9e3779b97f4a7c15u >> 3;
}

static double uniform(void)
{
    return (double)(draw() >> 8) / 0x1p53;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform() + 0x1p-60)) * cos(6.283185307179586 * uniform());
}

/* As json.dumps writes a float32: the shortest text of the same float64. */
static size_t put_wide(char *at, double value)
{
    int digits = 15;

    do snprintf(at, 32, "%.*g", digits, value);
    while (strtod(at, NULL) != value && ++digits <= 17);
    return strlen(at);
}

static size_t put_f32(char *at)
{
    return put_wide(at, (double)(float)uniform());
}

static size_t put_normal(char *at)
{
    return put_wide(at, (double)(float)normal());
}

static size_t put_f64(char *at)
{
    return put_wide(at, uniform());
}

static size_t put_short(char *at)
{
    return (size_t)snprintf(at, 32, "%.2f", uniform());
}

static size_t put_label(char *at)
{
    return (size_t)snprintf(at, 32, "%d", (int)(draw() % 19));
}

static size_t put_big(char *at)
{
    return (size_t)snprintf(at, 32, "%lld", (long long)(draw() >> draw() % 61));
}

static const uint8_t *padded(const char *data, size_t size)
{
    uint8_t *copy = aligned_alloc(64, (size + SC_BYTES_PADDING + 63) / 64 * 64);

    memcpy(copy, data, size);
    memset(copy + size, 0, SC_BYTES_PADDING);
    return copy;
}

/* The texts of a reading job: "a, b, c" in brackets as json.dumps has it. */
static void make_texts(struct job *job, const char *dtype, size_t (*put)(char *))
{
    char *text = malloc(numbers * 34 + 256), *at = text, *body, *end;

    *at++ = '[';
    for (size_t i = 0; i < numbers; i++) {
        if (i > 0) at = mempcpy(at, ", ", 2);
        at += put(at);
    }
    *at++ = ']';
    job->count = numbers;
    job->text = sc_bytes(padded(text, (size_t)(at - text)), (size_t)(at - text));
    body = malloc(job->text.size + 256);
    end = body + (dtype ? sprintf(body, "{\"x\": {\"dtype\": \"%s\", \"data\": ", dtype)
                        : sprintf(body, "{\"x\": {\"data\": "));
    end = mempcpy(end, text, job->text.size);
    end = mempcpy(end, "}}", 2);
    job->body = sc_bytes(padded(body, (size_t)(end - body)), (size_t)(end - body));
    job->out = calloc(numbers + 1, 8);
    job->out_size = numbers * 8;
    free(text);
    free(body);
}

/* ---- the sides ---- */

static bool decode(const struct job *job, struct sc_arena *arena, struct codec_payload *payload)
{
    const struct sc_limits limits = {.body_bytes = INT64_MAX,
                                     .json_bytes = INT64_MAX,
                                     .json_depth = 32,
                                     .rank = 8,
                                     .parts = 1024};
    const struct codec_source source = {.body = job->body,
                                        .content_type = job->type,
                                        .name = "",
                                        .limits = &limits,
                                        .arena = arena};
    struct sc_note note = {0};

    sc_arena_init(arena, ARENA, NULL);
    *payload = (struct codec_payload){0};
    if (codec_decode(&source, payload, &note) == SC_OK) return true;
    fprintf(stderr, "json: %s\n", note.detail);
    return false;
}

static bool our_reader(const struct side *side, const struct job *job)
{
    struct codec_payload payload;
    struct sc_arena arena;
    bool ok = decode(job, &arena, &payload);

    (void)side;
    ok = ok && payload.tensors.item[0].tensor.dtype == job->dtype &&
         payload.tensors.item[0].tensor.count == (int64_t)job->count;
    sc_arena_done(&arena);
    return ok;
}

static bool peer_reader(const struct side *side, const struct job *job)
{
    const char *text = (const char *)job->text.data;
    const size_t size = job->text.size;

    switch (job->dtype) {
    case SC_FLOAT32:
        return side->peer->read_float32(text, size, job->out, job->count);
    case SC_FLOAT64:
        return side->peer->read_float64(text, size, job->out, job->count);
    case SC_UINT8:
        return side->peer->read_uint8(text, size, job->out, job->count);
    default:
        return side->peer->read_int64(text, size, job->out, job->count);
    }
}

static size_t printed; /* by the last printer */

static bool our_printer(const struct side *side, const struct job *job)
{
    const struct codec_style style = {0};
    struct sc_tensor t = {.dtype = job->dtype, .rank = 1, .count = (int64_t)job->count};
    struct sc_arena arena;
    struct sc_writer out;
    struct json_writer j = {.out = &out, .style = &style};

    (void)side;
    sc_arena_init(&arena, ARENA, NULL);
    sc_writer_init(&out, &arena);
    t.dim[0] = t.count;
    t.data = (void *)(uintptr_t)job->values;
    json_elements(&j, NULL, &t);
    printed = out.size;
    sc_arena_done(&arena);
    return !out.failed;
}

static bool peer_printer(const struct side *side, const struct job *job)
{
    printed = job->dtype == SC_FLOAT32 ? side->peer->print_float32(job->values, job->count)
                                       : side->peer->print_float64(job->values, job->count);
    return printed > 0;
}

static bool copy(const struct side *side, const struct job *job)
{
    (void)side;
    memcpy(job->out, job->body.data, job->body.size);
    __asm__ volatile("" ::"r"(job->out) : "memory");
    return true;
}

static bool base64_reader(const struct side *side, const struct job *job)
{
    struct sc_arena arena;
    struct sc_bytes out;
    struct sc_note note;
    bool ok;

    (void)side;
    sc_arena_init(&arena, ARENA, NULL);
    ok = base64_decode(job->body, &arena, &out, &note) == SC_OK;
    sc_arena_done(&arena);
    return ok;
}

static bool base64_printer(const struct side *side, const struct job *job)
{
    struct sc_arena arena;
    struct sc_writer out;

    (void)side;
    sc_arena_init(&arena, ARENA, NULL);
    sc_writer_init(&out, &arena);
    base64_write(&out, sc_bytes(job->values, job->count));
    printed = out.size;
    sc_arena_done(&arena);
    return !out.failed;
}

/* ---- measuring ---- */

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(const double *values)
{
    double sorted[ROUNDS_MAX];

    memcpy(sorted, values, (size_t)rounds * sizeof *sorted);
    qsort(sorted, (size_t)rounds, sizeof *sorted, by_value);
    return sorted[rounds / 2];
}

/* In a process of its own, so that nothing that was freed is used again. */
static double peak_of(const struct side *side, const struct job *job)
{
    double *peak =
        mmap(NULL, sizeof *peak, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child;
    double result;

    malloc_trim(0); /* else a side may use what another has freed */
    child = fork();

    if (child == 0) {
        struct rusage before, after;

        if (job->out != NULL) memset(job->out, 0, job->out_size);
        getrusage(RUSAGE_SELF, &before);
        side->run(side, job);
        getrusage(RUSAGE_SELF, &after);
        *peak = (double)(after.ru_maxrss - before.ru_maxrss) * 1024;
        _exit(0);
    }
    waitpid(child, NULL, 0);
    result = *peak;
    munmap(peak, sizeof *peak);
    return result;
}

static void report(const char *row, const struct side *side, const struct side *first,
                   size_t bytes, size_t count)
{
    const double seconds = median(side->seconds);
    double ratio[ROUNDS_MAX];

    for (int i = 0; i < rounds; i++) ratio[i] = side->seconds[i] / first->seconds[i];
    printf("%-26s %-9s %9.0f %9.1f %9.2f %8.1f\n", row, side->name,
           (double)bytes / seconds / 1e6, (double)count / seconds / 1e6,
           side->memory / (double)count, median(ratio));
    if (file != NULL)
        fprintf(file,
                "%s{\"row\": \"%s\", \"side\": \"%s\", \"MB_per_s\": %.0f, \"M_per_s\": %.2f, "
                "\"bytes_per_number\": %.2f, \"times\": %.2f}",
                passed + failed ? ",\n " : "[", row, side->name, (double)bytes / seconds / 1e6,
                (double)count / seconds / 1e6, side->memory / (double)count, median(ratio));
}

/* Runs the sides, the first of which is ours. */
static void measure(const char *row, struct side *side, size_t sides, const struct job *job)
{
    bool ok = true;

    for (size_t i = 0; i < sides; i++) side[i].memory = peak_of(&side[i], job);
    for (size_t i = 0; i < sides; i++) ok = side[i].run(&side[i], job) && ok;
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < sides; i++) {
            const double began = cpu_seconds();

            ok = side[i].run(&side[i], job) && ok;
            side[i].seconds[round] = cpu_seconds() - began;
            side[i].printed = printed;
        }
    for (size_t i = 0; i < sides; i++) {
        const size_t bytes = job->body.size ? job->body.size : side[i].printed;

        report(row, &side[i], &side[0], bytes, job->count);
        passed += ok;
        failed += !ok;
    }
}

/* ---- the rows ---- */

/* Have the peers the same numbers? Those that round twice may be one unit away in float32. */
static bool same_numbers(const struct job *job)
{
    const size_t size = sc_dtype_size(job->dtype);
    struct codec_payload payload;
    struct sc_arena arena;
    bool same = decode(job, &arena, &payload);

    if (same && job->dtype == SC_FLOAT32) {
        const float *ours = payload.tensors.item[0].tensor.data, *theirs = job->out;

        for (size_t i = 0; i < job->count; i++)
            same = same && fabsf(ours[i] - theirs[i]) <= fabsf(ours[i]) * 0x1p-23f;
    } else if (same) {
        same = memcmp(payload.tensors.item[0].tensor.data, job->out, job->count * size) == 0;
    }
    sc_arena_done(&arena);
    return same;
}

static void reading(const char *row, enum sc_dtype dtype, const char *name,
                    size_t (*put)(char *))
{
    struct job job = {.dtype = dtype, .type = "application/json"};
    static struct side side[SIDES_MAX];
    size_t sides = 0;

    side[sides++] = (struct side){.name = "scored", .run = our_reader};
    side[sides++] = (struct side){.name = "cJSON", .run = peer_reader, .peer = &peer_cjson};
#ifdef HAVE_SIMDJSON
    side[sides++] =
        (struct side){.name = "simdjson", .run = peer_reader, .peer = &peer_simdjson};
#endif
    make_texts(&job, name, put);
    measure(row, side, sides, &job);
    passed += same_numbers(&job);
    failed += !same_numbers(&job);
    free((void *)(uintptr_t)job.text.data);
    free((void *)(uintptr_t)job.body.data);
    free(job.out);
}

static void printing(const char *row, enum sc_dtype dtype, bool with_peer)
{
    struct job job = {.dtype = dtype, .count = numbers};
    static struct side side[SIDES_MAX];
    double *values = calloc(numbers, 8);

    for (size_t i = 0; i < numbers; i++) {
        if (dtype == SC_FLOAT32) ((float *)values)[i] = (float)uniform();
        if (dtype == SC_FLOAT64) values[i] = uniform();
        if (dtype == SC_INT64) ((int64_t *)values)[i] = (int64_t)(draw() >> draw() % 61);
        if (dtype == SC_UINT8) ((uint8_t *)values)[i] = (uint8_t)(draw() % 19);
    }
    job.values = values;
    side[0] = (struct side){.name = "scored", .run = our_printer};
    side[1] = (struct side){.name = "cJSON", .run = peer_printer, .peer = &peer_cjson};
    measure(row, side, with_peer ? 2 : 1, &job);
    free(values);
}

static void base64(void)
{
    struct job job = {.count = numbers * 4};
    static struct side side[SIDES_MAX];
    uint8_t *values = malloc(job.count);
    char *text = malloc(job.count / 3 * 4 + 8);

    for (size_t i = 0; i < job.count; i++) values[i] = (uint8_t)draw();
    job.values = values;
    side[0] = (struct side){.name = "scored", .run = base64_printer};
    measure("base64, written", side, 1, &job);
    for (size_t i = 0; i < job.count / 3 * 4; i++)
        text[i] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[draw() % 64];
    job.body = sc_bytes(padded(text, job.count / 3 * 4), job.count / 3 * 4);
    job.out = malloc(job.body.size + 1);
    job.out_size = job.body.size;
    side[0] = (struct side){.name = "scored", .run = base64_reader};
    side[1] = (struct side){.name = "copy", .run = copy};
    measure("base64, read", side, 2, &job);
    free((void *)(uintptr_t)job.body.data);
    free(job.out);
    free(text);
    free(values);
}

/* A raw part of 64 MB, of bytes below `range` from `least` on. */
static void multipart(const char *row, unsigned least, unsigned range)
{
    static const char head[] =
        "--------------------------d74496d66958873e\r\n"
        "Content-Disposition: form-data; name=\"x\"; filename=\"x.raw\"\r\n"
        "Content-Type: application/octet-stream; dtype=uint8; shape=64000000\r\n\r\n";
    static const char tail[] = "\r\n--------------------------d74496d66958873e--\r\n";
    struct job job = {.dtype = SC_UINT8, .count = 64000000};
    static struct side side[SIDES_MAX];
    const size_t size = job.count + sizeof head + sizeof tail - 2;
    char *body = malloc(size);

    memcpy(body, head, sizeof head - 1);
    for (size_t i = 0; i < job.count; i++)
        body[sizeof head - 1 + i] = (char)(least + draw() % range);
    memcpy(body + size - sizeof tail + 1, tail, sizeof tail - 1);
    job.body = sc_bytes(padded(body, size), size);
    job.out = malloc(size);
    job.out_size = size;
    job.type = "multipart/form-data; boundary=------------------------d74496d66958873e";
    side[0] = (struct side){.name = "scored", .run = our_reader};
    side[1] = (struct side){.name = "copy", .run = copy};
    measure(row, side, 2, &job);
    free((void *)(uintptr_t)job.body.data);
    free(job.out);
    free(body);
}

int main(int argc, char **argv)
{
    if (argc > 1) rounds = atoi(argv[1]);
    if (argc > 2) numbers = strtoull(argv[2], NULL, 10);
    if (argc > 3) file = fopen(argv[3], "w");
    if (rounds < 1 || rounds > ROUNDS_MAX || numbers < 1 || (argc > 3 && file == NULL)) {
        fprintf(stderr, "usage: json [ROUNDS] [NUMBERS] [FILE]\n");
        return 2;
    }
    printf("%-26s %-9s %9s %9s %9s %8s\n", "", "", "MB/s", "M/s", "bytes/no.", "time");
    reading("float32, json.dumps", SC_FLOAT32, "float32", put_f32);
    reading("float32, 2 decimals", SC_FLOAT32, "float32", put_short);
    reading("float32, normal", SC_FLOAT32, "float32", put_normal);
    reading("float64, json.dumps", SC_FLOAT64, NULL, put_f64);
    reading("uint8 labels", SC_UINT8, "uint8", put_label);
    reading("int64 labels, no dtype", SC_INT64, NULL, put_label);
    reading("int64, any length", SC_INT64, NULL, put_big);
    printing("float32, printed", SC_FLOAT32, true);
    printing("float64, printed", SC_FLOAT64, true);
    printing("int64, printed", SC_INT64, false);
    printing("uint8 labels, printed", SC_UINT8, false);
    base64();
    multipart("multipart, random bytes", 0, 256);
    multipart("multipart, labels 0..18", 0, 19);
    multipart("multipart, all 13", 13, 1);
    multipart("multipart, all dashes", '-', 1);
    if (file != NULL) fprintf(file, "]\n");
    printf("json bench: %u passed, %u failed\n", passed, failed);
    return failed > 0;
}
