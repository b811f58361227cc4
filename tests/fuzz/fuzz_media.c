/* fuzz_media.c - lines as values of Content-Type, Accept, Content-Encoding, Accept-Encoding.
 * Whatever a parameter shall be, in quotes it is read as it was. */
#include "codec.h"
#include "coding.h"
#include "guard.h"
#include "media.h"

#define VALUE_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Never a byte past `size`, NUL at the end where one was found. */
static void read_param(const char *header, const char *name)
{
    for (size_t size = 1; size <= VALUE_MAX; size *= 8) {
        char *room = malloc(size);

        if (media_param(header, name, room, size) == MEDIA_FOUND && strnlen(room, size) == size)
            abort();
        free(room);
    }
}

/* `type/x; p="value"`, with a backslash before quotes and backslashes. */
static void round_trip(const char *value)
{
    char header[2 * VALUE_MAX + 32] = "type/x; q=1; p=\"", back[VALUE_MAX];
    size_t used = strlen(header);

    if (strlen(value) >= sizeof back) return;
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') header[used++] = '\\';
        header[used++] = *at;
    }
    header[used++] = '"';
    header[used] = '\0';
    if (media_param(header, "p", back, sizeof back) != MEDIA_FOUND || strcmp(back, value) != 0)
        abort();
    if (!media_is(header, "type/x") || media_is(header, "type/y")) abort();
}

static void accept(const char *header)
{
    struct sc_note note = {0};
    struct codec_forms forms;

    if (codec_accept(header, &forms, &note) != SC_OK) {
        if (note.detail[0] == '\0') abort();
        return;
    }
    if (forms.count == 0 || forms.count > CODEC_COUNT) abort();
    for (size_t i = 0; i < forms.count; i++) {
        if (forms.form[i]->encode == NULL) abort();
        for (size_t k = 0; k < i; k++)
            if (forms.form[k] == forms.form[i]) abort();
    }
}

static void code(const char *header)
{
    struct sc_note note = {0};
    enum coding coding;

    if (coding_read(header, &coding, &note) != SC_OK && note.detail[0] == '\0') abort();
    if (coding > CODING_DEFLATE || coding_wanted(header) > CODING_DEFLATE) abort();
}

static void attempt(const char *header)
{
    static const char *const names[] = {"boundary", "dtype", "shape", "q", "name"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) read_param(header, names[i]);
    round_trip(header);
    accept(header);
    code(header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = (char *)guarded(data, size, 1), *line = text, *end;

    text[size] = '\0';
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        attempt(line);
    }
    attempt(line);
    unguard((uint8_t *)text, size, 1);
    return 0;
}
