/* selftest.h - does this machine compute the bits that every other does?
 *
 * The kernels that were chosen for this CPU are held against the plain ones, on a small input
 * for each operation. A broken CPU, a wrong microcode or an emulator that is not exact would
 * otherwise give wrong results without a word. Takes some milliseconds. */
#pragma once

#include "score.h"

/* False: `note` names the operation. Before any thread that computes is started. */
bool selftest(struct sc_note *note);

/* One operation with these numbers at an instruction set level, as the text of its report, in
 * the arena; empty when the operation has no recipe (a test says that each has one). */
struct sc_bytes selftest_report(const struct sc_op *op, const char *level, unsigned seed,
                                struct sc_arena *arena);
