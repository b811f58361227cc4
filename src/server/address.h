/* address.h - "127.0.0.1:8080" and "[::1]:8080". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Splits and checks; false: not an address with a port. */
bool address_read(const char *text, char *address, size_t size, uint16_t *port);

/* Can only this machine connect to it? */
bool address_is_loopback(const char *address);

/* "http://127.0.0.1:8080", with brackets where they belong; returns `text`. */
char *address_url(const char *address, uint16_t port, bool tls, char *text, size_t size);
