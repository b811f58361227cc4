/* listen.h - the listening socket. */
#pragma once

#include <stdint.h>

#include "status.h"

/* A non-blocking socket that listens on a numeric address; port 0 takes any free one.
 * -1: `note` says why. */
int listen_open(const char *address, uint16_t port, struct sc_note *note);
/* As many of `wanted` connections as the process may have files for, `others` aside; raises the
 * soft limit of files to the hard one. At least 1. */
int64_t listen_connections(int64_t wanted, int64_t others);
/* The port it got. */
uint16_t listen_port(int fd);
