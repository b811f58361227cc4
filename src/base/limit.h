/* limit.h - every limit in force, as one struct; the rows are in limits.def. */
#pragma once

#include <stdint.h>

struct sc_limits {
#define LIMIT(name, preset, least, most, summary) int64_t name;
#include "limits.def"
#undef LIMIT
};

/* The defaults of the table. */
static inline struct sc_limits sc_limits_preset(void)
{
    return (struct sc_limits){
#define LIMIT(name, preset, least, most, summary) .name = preset,
#include "limits.def"
#undef LIMIT
    };
}
