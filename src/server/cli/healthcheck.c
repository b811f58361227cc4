/* healthcheck.c - one GET /healthz over a socket, perhaps in TLS. */
#include "healthcheck.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls.h"

#define TIMEOUT_SECONDS 2

static const char *reachable(const char *address)
{
    if (strcmp(address, "0.0.0.0") == 0) return "127.0.0.1";
    if (strcmp(address, "::") == 0) return "::1";
    return address;
}

static int connect_to(const char *address, uint16_t port)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    const struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
    struct addrinfo *info;
    char service[8];
    int fd;

    snprintf(service, sizeof service, "%u", (unsigned)port);
    if (getaddrinfo(reachable(address), service, &hints, &info) != 0) return -1;
    fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
        if (connect(fd, info->ai_addr, info->ai_addrlen) != 0) {
            const int saved = errno;

            close(fd);
            errno = saved;
            fd = -1;
        }
    }
    freeaddrinfo(info);
    return fd;
}

static ssize_t ask_plainly(int fd, const char *request, char *answer, size_t size)
{
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0) return -1;
    return recv(fd, answer, size, MSG_WAITALL);
}

/* The first bytes of the answer are enough: "HTTP/1.1 200". */
static int ask(int fd, bool tls)
{
    static const char request[] =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char answer[16] = "";
    const ssize_t size = tls ? tls_ask(fd, request, answer, sizeof answer - 1)
                             : ask_plainly(fd, request, answer, sizeof answer - 1);

    if (size < 0) return -1;
    return strncmp(answer, "HTTP/1.1 200", 12) == 0 ? 0 : 1;
}

int healthcheck(const char *address, uint16_t port, bool tls)
{
    const int fd = connect_to(address, port);
    int result = -1;

    if (fd >= 0) {
        result = ask(fd, tls);
        if (result >= 0) errno = 0;
        close(fd);
    }
    if (result == 0) return 0;
    fprintf(stderr, "scored: the server on port %u is not healthy: %s\n", (unsigned)port,
            result < 0 ? strerror(errno) : "it does not answer with 200");
    return 1;
}
