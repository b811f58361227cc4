/* hardtanh.c - min(max(x, min_val), max_val) (PyTorch hardtanh); the derivative is 0 at both
 * ends. */
#include "kinks.h"

enum { K_MIN_VAL, K_MAX_VAL }; /* parameters of the row */

static enum sc_status check(const struct sc_params *params, struct sc_note *note)
{
    const double low = params->value[K_MIN_VAL].real, high = params->value[K_MAX_VAL].real;
    char above[SC_NUMBER_TEXT], below[SC_NUMBER_TEXT];

    if (low < high) return SC_OK;
    return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/max_val",
                   "max_val is %s; it must be above min_val, which is %s",
                   sc_number_text(above, high), sc_number_text(below, low));
}

#define ACTIVATION hardtanh
#define CHECK      check
#define VALUE(x, k)                                                                            \
    ((x) < (k)[K_MIN_VAL] ? (k)[K_MIN_VAL] : (x) > (k)[K_MAX_VAL] ? (k)[K_MAX_VAL] : (x))
#define SLOPE(x, k) chosen((x) > (k)[K_MIN_VAL] && (x) < (k)[K_MAX_VAL], x, 1, 0)
#include "elementwise.inc"
