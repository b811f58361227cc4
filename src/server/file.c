/* file.c - whole files in and out. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIPE_BYTES ((size_t)64 << 10) /* room to begin with, where the size is not known */

/* A file on its way into memory. */
struct load {
    int fd;
    const char *path;
    size_t limit;
    struct sc_arena *arena;
    uint8_t *data;
    size_t size, room;
    struct sc_note *note;
};

static enum sc_status failed(const char *verb, const char *path, struct sc_note *note)
{
    return sc_fail(note, SC_BAD_PARAM, NULL, "cannot %s %.200s: %s", verb, path,
                   strerror(errno));
}

static enum sc_status too_large(const struct load *load)
{
    return sc_fail(load->note, SC_TOO_LARGE, NULL,
                   "%.150s: more than the %zu bytes that are left of the limit body_bytes, "
                   "which holds for all files together",
                   load->path, load->limit);
}

static enum sc_status make_room(struct load *load, size_t room)
{
    uint8_t *data = load->data ? sc_arena_resize(load->arena, load->data, load->room, room)
                               : sc_arena_alloc(load->arena, room);

    if (data == NULL)
        return sc_fail(load->note, SC_NO_MEMORY, NULL, "no memory for %.200s", load->path);
    load->data = data;
    load->room = room;
    return SC_OK;
}

/* Bytes may run into the padding: then there are more than expected, and there will be room. */
static enum sc_status read_all(struct load *load)
{
    ssize_t got = 1;

    while (got != 0) {
        got = read(load->fd, load->data + load->size, load->room - load->size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", load->path, load->note);
        load->size += (size_t)got;
        if (load->size > load->limit) return too_large(load);
        if (load->room - load->size < SC_BYTES_PADDING) SC_TRY(make_room(load, 2 * load->room));
    }
    return SC_OK;
}

static enum sc_status load_file(struct load *load)
{
    struct stat info;
    size_t size = PIPE_BYTES;

    if (load->fd < 0 || fstat(load->fd, &info) != 0)
        return failed("read", load->path, load->note);
    if (S_ISREG(info.st_mode)) size = (size_t)info.st_size;
    if (S_ISREG(info.st_mode) && size > load->limit) return too_large(load);
    SC_TRY(make_room(load, size + SC_BYTES_PADDING));
    return read_all(load);
}

enum sc_status file_read(const char *path, int64_t limit, struct sc_arena *arena,
                         struct sc_bytes *out, struct sc_note *note)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    struct load load = {.fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC),
                        .path = is_stdin ? "standard input" : path,
                        .limit = limit > 0 ? (size_t)limit : 0,
                        .arena = arena,
                        .note = note};
    const enum sc_status status = load_file(&load);

    if (load.fd >= 0 && !is_stdin) close(load.fd);
    *out = sc_bytes(load.data, load.size);
    return status;
}

static bool write_all(int fd, struct sc_bytes bytes)
{
    while (bytes.size > 0) {
        const ssize_t put = write(fd, bytes.data, bytes.size);

        if (put < 0 && errno != EINTR) return false;
        if (put > 0) bytes = sc_bytes_slice(bytes, (size_t)put, bytes.size);
    }
    return true;
}

enum sc_status file_write(const char *path, struct sc_pieces pieces, struct sc_note *note)
{
    const int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
                        : STDOUT_FILENO;
    bool written = fd >= 0;

    for (size_t i = 0; written && i < pieces.count; i++)
        written = write_all(fd, pieces.item[i]);
    if (fd >= 0 && path != NULL) written = close(fd) == 0 && written;
    return written ? SC_OK : failed("write", path ? path : "standard output", note);
}
