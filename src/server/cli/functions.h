/* functions.h - docs/functions.md: the catalogue of the core for people, in Markdown. */
#pragma once

#include <stdio.h>

/* Every operation with its formula, inputs, parameters and notes; pictures are
 * plots/<name>.svg, beside the page, for operations that are a curve. */
void functions_print(FILE *out);
