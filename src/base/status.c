/* status.c - names of outcomes. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const texts[] = {
#define TEXT(name, text) [SC_##name] = text,
    SC_STATUS_MAP(TEXT)
#undef TEXT
};

const char *sc_status_text(enum sc_status status)
{
    return (unsigned)status < SC_STATUS_COUNT ? texts[status] : "unknown status";
}

enum sc_status sc_fail(struct sc_note *note, enum sc_status status, const char *pointer,
                       const char *format, ...)
{
    va_list args;

    if (note == NULL) return status;
    note->has_value = false;
    snprintf(note->pointer, sizeof note->pointer, "%s", pointer ? pointer : "");
    va_start(args, format);
    vsnprintf(note->detail, sizeof note->detail, format, args);
    va_end(args);
    return status;
}

const char *sc_number_text(char text[SC_NUMBER_TEXT], double value)
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, SC_NUMBER_TEXT, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return text;
}
