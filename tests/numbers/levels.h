/* levels.h - the readers and printers by vectors, at each level that this machine has. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Does a level read the number in `text` as another than these? Looked at many at a time: the
 * last call has no text. Gives how many have gone wrong since the last. */
uint64_t levels_read(const char *text, double wide, float narrow);

/* The same of the printing of values and the reading of what was printed; NaN: the last call.
 */
uint64_t levels_float(float value);
uint64_t levels_double(double value);

/* Arrays whose pieces end in all ways: how many are read wrongly. */
uint64_t levels_ends(void);
