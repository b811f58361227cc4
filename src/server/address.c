/* address.c - addresses to listen on. */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_port(const char *text, uint16_t *port)
{
    const size_t size = strlen(text);
    const long value = strtol(text, NULL, 10);

    if (size == 0 || size > 5 || text[strspn(text, "0123456789")] != '\0' || value > 65535)
        return false;
    *port = (uint16_t)value;
    return true;
}

bool address_read(const char *text, char *address, size_t size, uint16_t *port)
{
    const bool bracket = text[0] == '[';
    const char *end = strrchr(text, bracket ? ']' : ':'), *start = text + bracket;
    unsigned char bytes[sizeof(struct in6_addr)];

    if (end == NULL || (size_t)(end - start) >= size || (bracket && end[1] != ':'))
        return false;
    snprintf(address, size, "%.*s", (int)(end - start), start);
    return inet_pton(bracket ? AF_INET6 : AF_INET, address, bytes) == 1 &&
           read_port(end + 1 + bracket, port);
}

bool address_is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

char *address_url(const char *address, uint16_t port, bool tls, char *text, size_t size)
{
    const bool bracket = strchr(address, ':') != NULL;

    snprintf(text, size, "http%s://%s%s%s:%u", tls ? "s" : "", bracket ? "[" : "", address,
             bracket ? "]" : "", (unsigned)port);
    return text;
}
