/* power10.c - the table. */
#include "power10.h"

const struct power10 power10_table[] = {
#include "power10.inc"
};
