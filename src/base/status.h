/* status.h - outcomes as values, and the note that says why.
 *
 * Every function that can fail in more than one way returns an `enum sc_status`. The
 * reason for a person goes into a `struct sc_note`: what was wrong, where, and what would
 * be right. Nothing below the server prints or logs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_STATUS_MAP(X)                                                                       \
    X(OK, "ok")                                                                                \
    X(MALFORMED, "the bytes are broken")                                                       \
    X(UNSUPPORTED, "a format, dtype or encoding that is not taken")                            \
    X(NOT_ACCEPTABLE, "the result cannot be written in that form")                             \
    X(TOO_LARGE, "larger than a limit")                                                        \
    X(NO_MEMORY, "the memory budget is exhausted")                                             \
    X(BAD_PARAM, "unknown, missing, repeated or mistyped parameter")                           \
    X(BAD_INPUT, "unknown, missing or repeated input")                                         \
    X(OUT_OF_BOUNDS, "a parameter out of its bounds")                                          \
    X(BAD_SHAPE, "shapes that do not fit")                                                     \
    X(BAD_DTYPE, "dtypes that do not fit")                                                     \
    X(BAD_LABEL, "a label out of range")                                                       \
    X(BAD_PROBABILITY, "a probability outside [0, 1]")                                         \
    X(BAD_VALUE, "a value that the operation does not take")                                   \
    X(BAD_STATE, "a saved state that does not fit")                                            \
    X(STOPPED, "stopped: deadline passed or caller gone")                                      \
    X(INTERNAL, "a defect of the program")

enum sc_status {
#define SC_STATUS_ENUM(name, text) SC_##name,
    SC_STATUS_MAP(SC_STATUS_ENUM)
#undef SC_STATUS_ENUM
        SC_STATUS_COUNT
};

/* The fixed text of a status; never NULL. */
const char *sc_status_text(enum sc_status status);

#define SC_POINTER_SIZE 128
#define SC_NUMBER_TEXT  32

/* Why a call failed. A zeroed note is empty. Written only on failure. */
struct sc_note {
    char detail[320];              /* one sentence: what, where, what would be right */
    char pointer[SC_POINTER_SIZE]; /* JSON pointer to the place, "#/target"; "": none */
    bool has_value;                /* what follows is set (labels, probabilities) */
    double value;                  /* the first offending value */
    char exact[SC_NUMBER_TEXT];    /* the same in decimal: labels past 2^53 are no doubles */
    int64_t index;                 /* its flat, row-major index in that tensor */
    int64_t count;                 /* how many offend */
    struct sc_note *more;          /* what else is wrong, of parameters; NULL: nothing known */
};

/* Fills `note` (NULL is allowed) and returns `status`, so that a failure is one expression:
 * `return sc_fail(note, SC_BAD_SHAPE, "#/pred", "rank %d, at most 8", rank);` */
__attribute__((format(printf, 4, 5))) enum sc_status sc_fail(struct sc_note *note,
                                                             enum sc_status status,
                                                             const char *pointer,
                                                             const char *format, ...);

/* The JSON pointer (RFC 6901) to the member `name` of `where`: "#/a~1b" for "a/b" of "#". The
 * name may be anybody's; where it is too long it is cut between two characters, so that indices
 * have room behind it. */
void sc_pointer(char out[SC_POINTER_SIZE], const char *where, const char *name);

/* Appends "/7": an element of what it points to. */
void sc_pointer_add(char pointer[SC_POINTER_SIZE], int64_t index);

/* sc_fail with a pointer to a name. */
__attribute__((format(printf, 5, 6))) enum sc_status
sc_fail_at(struct sc_note *note, enum sc_status status, const char *where, const char *name,
           const char *format, ...);

/* Of a failure: puts what it was in before the detail, "tensor 'a': ...", which is cut where
 * there is no room. Gives `status`; nothing happens for SC_OK, or a note that is NULL. */
__attribute__((format(printf, 3, 4))) enum sc_status
sc_fail_in(struct sc_note *note, enum sc_status status, const char *format, ...);

/* Inputs and parameters are where every body has them. */
#define sc_fail_input(note, status, name, ...) sc_fail_at(note, status, "#", name, __VA_ARGS__)
#define sc_fail_param(note, status, name, ...)                                                 \
    sc_fail_at(note, status, "#/params", name, __VA_ARGS__)

/* The shortest decimal that reads back as `value`, for a sentence; gives `text`. Integers that
 * are exact have all their digits. */
const char *sc_number_text(char text[SC_NUMBER_TEXT], double value);

/* Appends to a list in `text`, "": "a", then "a, b"; cut to `size` bytes in all. Gives `text`.
 */
__attribute__((format(printf, 3, 4))) char *sc_list_add(char *text, size_t size,
                                                        const char *format, ...);

/* Leaves the function with the status of `call` unless it is SC_OK. */
#define SC_TRY(call)                                                                           \
    do {                                                                                       \
        const enum sc_status sc_try_ = (call);                                                 \
        if (sc_try_ != SC_OK) return sc_try_;                                                  \
    } while (0)
