/* table.c - what one instruction set level has. */
#include "digits32.h"
#include "eight.h"
#include "isa.h"

extern const struct codec_isa ISA_NAME(codec_isa);

const struct codec_isa ISA_NAME(codec_isa) = {
    .name = ISA_TEXT(SC_ISA),
    .measure = ISA_NAME(json_measure),
    .plain = ISA_NAME(json_plain),
#ifdef HAVE_DIGITS
    .integers = ISA_NAME(json_integers),
    .reals = ISA_NAME(json_reals),
    .bools = ISA_NAME(json_bools),
    .base64 = ISA_NAME(base64_decode),
#endif
#ifdef HAVE_EIGHT
    .print_floats = ISA_NAME(print_floats),
    .print_doubles = ISA_NAME(print_doubles),
#endif
};
