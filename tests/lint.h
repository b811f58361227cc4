/* lint.h - for clang-tidy alone: what it cannot see across files. sc_fail gives the status that
 * it was given, so that what follows SC_TRY was written. (Not for status.c, which defines it.)
 */
#pragma once
#include "status.h"

#define sc_fail(note, status, ...) ((void)(sc_fail)(note, status, __VA_ARGS__), (status))
