/* fuzz_config.c - any bytes as the file of settings; each setting that is taken is within its
 * bounds, and written down and read again it is the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"
#include "settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file in memory, and the option that names it. */
static int file_of(const void *data, size_t size, char option[64])
{
    const int fd = memfd_create("settings", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(option, 64, "--config=/proc/self/fd/%d", fd);
    return fd;
}

static bool load(const void *data, size_t size, struct config *config)
{
    char program[] = "scored", option[64], *argv[] = {program, option, NULL};
    struct sc_note note = {0};
    const int fd = file_of(data, size, option);
    const enum sc_status status = config_read(config, 2, argv, &note);

    close(fd);
    if (status != SC_OK && note.detail[0] == '\0') abort();
    config->config = NULL; /* it was `option` */
    return status == SC_OK;
}

static int64_t number(const struct setting *s, const struct config *config)
{
    int64_t value;

    memcpy(&value, (const char *)config + s->offset, sizeof value);
    return value;
}

static const char *text(const struct setting *s, const struct config *config)
{
    const char *value;

    memcpy(&value, (const char *)config + s->offset, sizeof value);
    return value;
}

/* The default of what depends on the machine is below the bounds. */
static void check(const struct config *config)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *s = &settings[i];

        if (s->kind == SETTING_TEXT) continue;
        if (number(s, config) < s->least || number(s, config) > s->most) abort();
    }
}

static size_t print(const struct config *config, char *out, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < SETTING_COUNT && used < size; i++) {
        const struct setting *s = &settings[i];
        int written = 0;

        if (s->kind == SETTING_SWITCH)
            written = snprintf(out + used, size - used, "%s = %s\n", s->name,
                               number(s, config) ? "true" : "false");
        else if (s->kind == SETTING_NUMBER)
            written = snprintf(out + used, size - used, "%s=%lld\n", s->name,
                               (long long)number(s, config));
        else if (text(s, config) != NULL)
            written =
                snprintf(out + used, size - used, " %s = %s\r\n", s->name, text(s, config));
        used += (size_t)written;
    }
    return used;
}

static bool same(const struct config *a, const struct config *b)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *s = &settings[i];

        if (s->kind != SETTING_TEXT) {
            if (number(s, a) != number(s, b)) return false;
        } else if (text(s, a) != NULL &&
                   (text(s, b) == NULL || strcmp(text(s, a), text(s, b)) != 0)) {
            return false;
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char again[1 << 16];
    struct config config, second;

    if (load(data, size, &config)) {
        const size_t used = print(&config, again, sizeof again);

        check(&config);
        if (used < sizeof again - 1 && !(load(again, used, &second) && same(&config, &second)))
            abort();
        if (used < sizeof again - 1) config_done(&second);
    }
    config_done(&config);
    return 0;
}
