/* json_write.c - values, commas and escapes: what comes out is always valid JSON. */
#include <math.h>
#include <string.h>

#include "base64.h"
#include "decimal.h"
#include "digits.h"
#include "json.h"
#include "utf8.h"

static void write_escape(struct sc_writer *out, uint8_t byte)
{
    static const char named[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *at = byte ? strchr(named, byte) : NULL;

    if (at != NULL) {
        sc_write_byte(out, '\\');
        sc_write_byte(out, letters[at - named]);
    } else {
        sc_writef(out, "\\u%04x", byte);
    }
}

/* A byte that is not UTF-8 becomes U+FFFD: texts may come from the caller. */
static void write_string(struct sc_writer *out, const char *text)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);

    sc_write_byte(out, '"');
    while (at < end) {
        const size_t length = utf8_length(at, end);

        if (length == 0)
            sc_write_text(out, "\\ufffd");
        else if (*at < ' ' || *at == '"' || *at == '\\')
            write_escape(out, *at);
        else
            sc_write(out, at, length);
        at += length ? length : 1;
    }
    sc_write_byte(out, '"');
}

/* What comes before a value. */
static void begin(struct json_writer *j, const char *key)
{
    if (j->comma) sc_write_byte(j->out, ',');
    j->comma = true;
    if (key == NULL) return;
    write_string(j->out, key);
    sc_write_byte(j->out, ':');
}

void json_open(struct json_writer *j, const char *key, char bracket)
{
    begin(j, key);
    sc_write_byte(j->out, bracket);
    j->comma = false;
}

void json_close(struct json_writer *j, char bracket)
{
    sc_write_byte(j->out, bracket);
    j->comma = true;
}

void json_text(struct json_writer *j, const char *key, const char *value)
{
    begin(j, key);
    if (value == NULL)
        sc_write_text(j->out, "null");
    else
        write_string(j->out, value);
}

void json_number(struct json_writer *j, const char *key, const char *decimal)
{
    begin(j, key);
    sc_write_text(j->out, decimal);
}

void json_bytes(struct json_writer *j, const char *key, struct sc_bytes value)
{
    begin(j, key);
    sc_write_byte(j->out, '"');
    base64_write(j->out, value);
    sc_write_byte(j->out, '"');
}

static void write_unsigned(struct sc_writer *out, bool negative, uint64_t magnitude)
{
    char text[DIGITS_SIZE];

    text[0] = '-';
    sc_write(out, text, (size_t)(digits_put(text + negative, magnitude) - text));
}

void json_int(struct json_writer *j, const char *key, int64_t value)
{
    begin(j, key);
    write_unsigned(j->out, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_uint(struct json_writer *j, const char *key, uint64_t value)
{
    begin(j, key);
    write_unsigned(j->out, false, value);
}

static void write_nonfinite(const struct json_writer *j, double value)
{
    if (sc_is_none(value) || !j->style->nonfinite_token)
        sc_write_text(j->out, "null");
    else
        sc_write_text(j->out, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

void json_real(struct json_writer *j, const char *key, double value)
{
    char text[DECIMAL_SIZE];

    begin(j, key);
    if (isfinite(value))
        sc_write(j->out, text, decimal_print(text, value));
    else
        write_nonfinite(j, value);
}

void json_bool(struct json_writer *j, const char *key, bool value)
{
    begin(j, key);
    sc_write_text(j->out, value ? "true" : "false");
}
