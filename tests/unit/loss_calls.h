/* loss_calls.h - calls of losses. */
#pragma once

#include "calls.h"

static inline enum sc_status run(const char *name)
{
    return sc_run(sc_op_find("losses", name), &in, &args, &exec, &report, &note);
}
