/* new_key.h - `scored new-key TEAM`: makes a key. */
#pragma once

#include "config.h"

/* Prints the key, then the line with its hash for the file of --keys. The exit status of the
 * program. */
int new_key(const struct config *config);
