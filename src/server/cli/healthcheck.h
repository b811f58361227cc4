/* healthcheck.h - asking a running server, for containers without curl. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* 0 when the server at this address says that it is alive; else 1, with the reason on standard
 * error. An address that means "all" is asked on this machine's own. */
int healthcheck(const char *address, uint16_t port, bool tls);
