/* query.h - parameters from the text of a query, "smooth=0&per_sample=true". */
#pragma once

#include <check.h>
#include <string.h>

#include "args.h"

static inline void query_read(const char *text, struct sc_arena *memory, struct sc_args *out)
{
    char *copy = sc_arena_strndup(memory, text, strlen(text)), *save = NULL;

    for (char *word = strtok_r(copy, "&", &save); word; word = strtok_r(NULL, "&", &save)) {
        char *value = strchr(word, '=');

        *value++ = '\0';
        ck_assert_int_eq(sc_args_add_raw(out, word, value, memory, NULL), SC_OK);
    }
}
