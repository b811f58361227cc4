/* tls.h - TLS, for those who have no balancer that ends it. No other file sees GnuTLS.
 *
 * The certificate is one of the process: GnuTLS asks for it without a context. It can be
 * replaced while connections are open: those that are keep what they were shown. */
#pragma once

#include <stddef.h>

#include "status.h"

struct MHD_Connection;

/* Reads a chain of certificates, the server's own first, and its key, in PEM; the next
 * handshake shows them. On failure (SC_BAD_PARAM, SC_NO_MEMORY) those before stay. No handshake
 * takes more than `longest` seconds: what was replaced before that is forgotten. Of one thread
 * at a time. */
enum sc_status tls_load(const char *certificates, const char *key, int64_t longest,
                        struct sc_note *note);
/* Forgets all; once nobody shakes hands. */
void tls_done(void);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK. */
void *tls_retrieve(void);

/* Sends on a connection of libmicrohttpd, on its own thread, while it sends nothing. */
bool tls_send(struct MHD_Connection *connection, const void *data, size_t size);

/* For a client on this machine: shakes hands, without asking whose certificate it is, sends
 * `request`, and reads the beginning of the answer, `size` bytes at most. -1: it failed. */
int tls_ask(int fd, const char *request, char *answer, size_t size);
