/* reload.h - what is read when the server starts, and again on SIGHUP: the keys, the
 * certificate, and of the settings those of the log. */
#pragma once

#include "server.h"

/* Keys and certificate, the first time; false, and said: there are none that can be used. */
bool reload_first(struct server *server);

/* All of it anew. What is wrong with a file is logged, and what was before stays. */
void reload(struct server *server);
