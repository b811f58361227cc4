/* status.c - names of outcomes. */
#include "status.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rest of a pointer is for indices. */
#define POINTER_NAMED 97

static const char *const texts[] = {
#define TEXT(name, text) [SC_##name] = text,
    SC_STATUS_MAP(TEXT)
#undef TEXT
};

const char *sc_status_text(enum sc_status status)
{
    return (unsigned)status < SC_STATUS_COUNT ? texts[status] : "unknown status";
}

static void write_note(struct sc_note *note, const char *pointer, const char *format,
                       va_list args)
{
    note->has_value = false;
    note->more = NULL;
    snprintf(note->pointer, sizeof note->pointer, "%s", pointer ? pointer : "");
    vsnprintf(note->detail, sizeof note->detail, format, args);
}

enum sc_status sc_fail(struct sc_note *note, enum sc_status status, const char *pointer,
                       const char *format, ...)
{
    va_list args;

    if (note == NULL) return status;
    va_start(args, format);
    write_note(note, pointer, format, args);
    va_end(args);
    return status;
}

/* What stands for a byte of a name; NULL: the byte itself. */
static const char *escape(char byte)
{
    return byte == '~' ? "~0" : byte == '/' ? "~1" : NULL;
}

/* Bytes behind the first of a character are no place to cut. */
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

void sc_pointer(char out[SC_POINTER_SIZE], const char *where, const char *name)
{
    const int before = snprintf(out, POINTER_NAMED, "%s/", where);
    size_t used = before < POINTER_NAMED ? (size_t)before : POINTER_NAMED - 1, cut = used;

    for (; *name != '\0'; name++) {
        const char *text = escape(*name);
        const size_t size = text ? 2 : 1;

        if (!continues(*name)) cut = used;
        if (used + size >= POINTER_NAMED) break;
        memcpy(out + used, text ? text : name, size);
        used += size;
    }
    out[*name == '\0' ? used : cut] = '\0';
}

void sc_pointer_add(char pointer[SC_POINTER_SIZE], int64_t index)
{
    const size_t used = strlen(pointer);

    snprintf(pointer + used, SC_POINTER_SIZE - used, "/%lld", (long long)index);
}

enum sc_status sc_fail_at(struct sc_note *note, enum sc_status status, const char *where,
                          const char *name, const char *format, ...)
{
    char pointer[SC_POINTER_SIZE];
    va_list args;

    if (note == NULL) return status;
    sc_pointer(pointer, where, name);
    va_start(args, format);
    write_note(note, pointer, format, args);
    va_end(args);
    return status;
}

enum sc_status sc_fail_in(struct sc_note *note, enum sc_status status, const char *format, ...)
{
    char detail[sizeof note->detail];
    size_t used;
    va_list args;

    if (status == SC_OK || note == NULL) return status;
    memcpy(detail, note->detail, sizeof detail);
    va_start(args, format);
    vsnprintf(note->detail, sizeof note->detail, format, args);
    va_end(args);
    used = strlen(note->detail);
    snprintf(note->detail + used, sizeof note->detail - used, ": %s", detail);
    return status;
}

const char *sc_number_text(char text[SC_NUMBER_TEXT], double value)
{
    if (value == trunc(value) && fabs(value) < 0x1p53) {
        snprintf(text, SC_NUMBER_TEXT, "%.0f", value);
        return text;
    }
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, SC_NUMBER_TEXT, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return text;
}

char *sc_list_add(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list args;

    if (used > 0) used += (size_t)snprintf(text + used, size - used, ", ");
    if (used >= size) return text;
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
    return text;
}
