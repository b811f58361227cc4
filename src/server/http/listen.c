/* listen.c - the listening socket. */
#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096 /* the kernel cuts it to net.core.somaxconn */

static struct addrinfo *resolve(const char *address, uint16_t port)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];

    snprintf(service, sizeof service, "%u", (unsigned)port);
    return getaddrinfo(address, service, &hints, &found) == 0 ? found : NULL;
}

/* Listens on `fd`, which is closed on failure. */
static int bind_and_listen(int fd, const struct addrinfo *to)
{
    const int on = 1, off = 0;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* "::" serves IPv4 too, whatever net.ipv6.bindv6only says. */
    if (to->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, to->ai_addr, to->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) return fd;
    close(fd);
    return -1;
}

int listen_open(const char *address, uint16_t port, struct sc_note *note)
{
    struct addrinfo *to = resolve(address, port);
    int fd;

    if (to == NULL) {
        sc_fail(note, SC_BAD_PARAM, "", "cannot listen on \"%s\": not an IPv4 or IPv6 address",
                address);
        return -1;
    }
    fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) fd = bind_and_listen(fd, to);
    if (fd < 0)
        sc_fail(note, SC_BAD_PARAM, "", "cannot listen on %s port %u: %s", address,
                (unsigned)port, strerror(errno));
    freeaddrinfo(to);
    return fd;
}

int64_t listen_connections(int64_t wanted, int64_t others)
{
    struct rlimit files;
    rlim_t before;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
    before = files.rlim_cur;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) files.rlim_cur = before;
    if (files.rlim_cur >= (rlim_t)(wanted + others)) return wanted;
    return files.rlim_cur > (rlim_t)others ? (int64_t)files.rlim_cur - others : 1;
}

uint16_t listen_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    socklen_t size = sizeof at;

    memset(&at, 0, sizeof at);
    if (getsockname(fd, &at.any, &size) != 0) return 0;
    return ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
}
