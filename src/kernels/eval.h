/* eval.h - inside the core: an evaluation in progress. */
#pragma once

#include "op.h"

struct sc_eval {
    struct sc_arena *arena;
    struct sc_params params;
    struct sc_bytes params_saved; /* sc_params_save: equal for equal parameters */
    struct sc_state state;
    bool whole; /* reports leave nothing out for its length */
};
