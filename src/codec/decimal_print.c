/* decimal_print.c - the shortest digits that read back, as %g writes them. */
#include "decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `digits` significant digits; an integer gets ".0". */
static size_t print(char text[DECIMAL_SIZE], int digits, double value)
{
    size_t size = (size_t)snprintf(text, DECIMAL_SIZE, "%.*g", digits, value);

    if (strpbrk(text, ".e") != NULL) return size;
    memcpy(text + size, ".0", 3);
    return size + 2;
}

size_t decimal_print(char text[DECIMAL_SIZE], double value)
{
    int digits = fabs(value) < DBL_MIN ? 1 : 15;
    size_t size = print(text, digits, value);

    while (digits < 17 && strtod(text, NULL) != value) size = print(text, ++digits, value);
    return size;
}

size_t decimal_print_float(char text[DECIMAL_SIZE], float value)
{
    int digits = fabsf(value) < FLT_MIN ? 1 : 6;
    size_t size = print(text, digits, value);

    while (digits < 9 && strtof(text, NULL) != value) size = print(text, ++digits, value);
    return size;
}
