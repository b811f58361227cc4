/* kernels_limit.c - how fast memory is: reading all bytes once, or copying them. */
#include <string.h>
#include <time.h>

#include "kernels.h"
#include "op.h"

#define PIECE ((size_t)256 << 10) /* what a thread takes at once, as the kernels do */

typedef uint64_t lane __attribute__((vector_size(64)));

/* The or of all words: the compiler can leave out no load. One body, at three levels. */
#define READ(name, attributes)                                                                 \
    attributes static uint64_t name(const uint8_t *data, size_t size)                          \
    {                                                                                          \
        lane sum[4] = {{0}};                                                                   \
        uint64_t all = 0;                                                                      \
                                                                                               \
        for (size_t i = 0; i + sizeof sum <= size; i += sizeof sum)                            \
            for (size_t j = 0; j < 4; j++) {                                                   \
                lane x;                                                                        \
                                                                                               \
                memcpy(&x, data + i + j * sizeof x, sizeof x);                                 \
                sum[j] |= x;                                                                   \
            }                                                                                  \
        for (int j = 0; j < 4; j++)                                                            \
            for (int k = 0; k < 8; k++) all |= sum[j][k];                                      \
        return all;                                                                            \
    }

READ(read_plain, )
#if defined(__x86_64__)
READ(read_v3, __attribute__((target("avx2"))))
READ(read_v4, __attribute__((target("avx512f"))))
#endif

typedef uint64_t read_fn(const uint8_t *data, size_t size);

static read_fn *reader(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return read_v4;
    if (__builtin_cpu_supports("avx2")) return read_v3;
#endif
    return read_plain;
}

double seconds(int threads)
{
    struct timespec t;

    clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

size_t bytes_of(const struct sc_tensors *in)
{
    size_t bytes = 0;

    for (size_t i = 0; i < in->count; i++) bytes += sc_tensor_bytes(&in->item[i].tensor);
    return bytes;
}

/* What is computed for nothing must not be left out. */
static void keep(uint64_t x)
{
    __asm__ volatile("" : : "r"(x));
}

/* Piece by piece of all inputs at once. */
static void take_piece(void *context, int worker, int64_t piece)
{
    const struct limit *l = context;
    const size_t from = (size_t)piece * PIECE;
    size_t before = 0;

    (void)worker;
    for (size_t i = 0; i < l->in->count; i++) {
        const struct sc_tensor *t = &l->in->item[i].tensor;
        const size_t bytes = sc_tensor_bytes(t);
        const size_t end = from + PIECE < bytes ? from + PIECE : bytes;

        if (from < bytes && before + from < l->copied)
            memcpy(l->out + before + from, (const uint8_t *)t->data + from, end - from);
        else if (from < bytes)
            keep(reader()((const uint8_t *)t->data + from, end - from));
        before += bytes;
    }
}

double limit_run(const struct limit *l)
{
    const struct sc_exec exec = {.threads = l->threads};
    size_t most = 0;
    double began;

    for (size_t i = 0; i < l->in->count; i++) {
        const struct sc_tensor *t = &l->in->item[i].tensor;
        const size_t bytes = sc_tensor_bytes(t);

        if (bytes > most) most = bytes;
    }
    began = seconds(l->threads);
    sc_parallel(&exec, l->threads, (int64_t)((most + PIECE - 1) / PIECE), take_piece,
                (void *)(uintptr_t)l);
    return seconds(l->threads) - began;
}
