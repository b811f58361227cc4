/* isa.h - the loops over bytes, compiled once for each instruction set level (codec/isa/), and
 * the choice of one. All give the same: v1 and arm64 are plain C, and what the others are
 * tested against. Here, v4 means AVX-512 with VBMI2.
 *
 * They read up to SC_BYTES_PADDING bytes behind the end of a text, and change nothing of what
 * they do by what stands there. Each does what it knows, and says where it stopped: the plain
 * readers go on there, and name what is wrong. */
#pragma once

#include "json_extent.h"

/* Checks and measures the array that begins at `at`: rectangular, filled, of numbers or of
 * bools, at most `depth` deep. Gives its end, or NULL where it may be anything else; then
 * `stopped` is where that was seen. */
typedef const uint8_t *json_measure_fn(const uint8_t *at, const uint8_t *end, int depth,
                                       bool nonfinite, struct json_extent *out,
                                       const uint8_t **stopped);

/* Read the `count` elements of a text that json_measure has accepted, all of one kind. False:
 * one of them cannot be of this dtype. */
typedef bool json_numbers_fn(struct sc_bytes text, enum sc_dtype dtype, void *out,
                             int64_t count);

/* Over bytes that are no quote, no backslash, no control character and ASCII: to the first that
 * is another, or less far where that is near the end. Reads nothing behind the end. */
typedef const uint8_t *json_plain_fn(const uint8_t *at, const uint8_t *end);

/* Decodes groups of four characters; gives how many characters it took: all up to the first
 * that is none of the alphabet, or less by a few. `out` has room for three bytes a group. */
typedef size_t base64_decode_fn(const uint8_t *text, size_t size, uint8_t *out);

/* decimal_print_floats and decimal_print_doubles. */
typedef char *print_floats_fn(char *at, const float *value, size_t count);
typedef char *print_doubles_fn(char *at, const double *value, size_t count);

/* NULL: the plain ones are all there is. */
struct codec_isa {
    const char *name; /* of the level: "v1", "v3", "v4", "arm64"; "plain" */
    json_measure_fn *measure;
    json_numbers_fn *integers, *reals, *bools;
    json_plain_fn *plain; /* never NULL */
    base64_decode_fn *base64;
    print_floats_fn *print_floats;
    print_doubles_fn *print_doubles;
};

/* The largest magnitude of an integer dtype, above and below zero. */
static inline uint64_t json_magnitude_max(enum sc_dtype dtype, bool negative)
{
    const int bits = (int)sc_dtype_size(dtype) * 8;

    if (dtype == SC_BOOL) return negative ? 0 : 1;
    if (sc_dtype_kind(dtype) == 'u') return negative ? 0 : UINT64_MAX >> (64 - bits);
    return (UINT64_C(1) << (bits - 1)) - (negative ? 0 : 1);
}

/* The best that this CPU has, up to the environment's SC_ISA_MAX; chosen at the first call. */
const struct codec_isa *codec_isa(void);

/* For tests: false when there is no such level here. "plain": the plain readers alone, which
 * define what is right. */
bool codec_isa_choose(const char *name);

#ifdef SC_ISA
#define ISA_PASTE(name, isa) name##_##isa
#define ISA_NAME2(name, isa) ISA_PASTE(name, isa)
#define ISA_NAME(name)       ISA_NAME2(name, SC_ISA)
#define ISA_TEXT2(isa)       #isa
#define ISA_TEXT(isa)        ISA_TEXT2(isa)

json_measure_fn ISA_NAME(json_measure);
json_plain_fn ISA_NAME(json_plain);
json_numbers_fn ISA_NAME(json_integers), ISA_NAME(json_reals), ISA_NAME(json_bools);
base64_decode_fn ISA_NAME(base64_decode);
print_floats_fn ISA_NAME(print_floats);
print_doubles_fn ISA_NAME(print_doubles);
#endif
